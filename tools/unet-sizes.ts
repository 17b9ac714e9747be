/**
 * `node tools/run.mjs tools/unet-sizes.ts [REGEX] [--overfit [--narrow]]`: a U-Net over the body of every registered
 * architecture whose name matches gives what it gets, in size, at 64, 96, 224, 121×187 and 360×480. With `--overfit` it
 * learns 8 masks by heart instead, in 200 steps; with `--narrow` too by a body of an eighth of the channels, in seconds.
 * Needs the native engine and, for the bodies with 2048 channels, 4 GB; to train these, 16 GB.
 */
import { parseArgs } from 'node:util'
import { foregroundAcc, setNativeEngine, tf, useEngine, withoutInit } from '@espalier/core'
import { dataBlock, noSplitter } from '@espalier/data'
import {
  type Arch,
  createBody,
  DynamicUnet,
  imageBlock,
  maskBlock,
  modelMeta,
  unetLearner,
} from '@espalier/vision'
import { narrow, sizeFor } from '../packages/vision/test/narrow.js'
import { type Pair, pairOf } from '../packages/vision/test/pairs.js'

const sizes = [
  [64, 64],
  [96, 96],
  [224, 224],
  [121, 187],
  [360, 480],
] as const

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    overfit: { type: 'boolean', default: false },
    narrow: { type: 'boolean', default: false },
  },
})
setNativeEngine(() => import('@espalier/tensorflow'))
await useEngine('native')
const wanted = new RegExp(positionals[0] ?? '')
let [passed, failed] = [0, 0]
for (const arch of modelMeta.keys()) {
  if (!wanted.test(arch.archName)) continue
  const before = tf.memory().numTensors
  const wrong = await (values.overfit ? overfit(arch) : keepsSizes(arch))
  const left = tf.memory().numTensors - before
  if (left !== 0) wrong.push(`${left} tensors were left behind`)
  if (wrong.length > 0) failed++
  else passed++
  console.log(`${wrong.length > 0 ? '✗' : '✓'} ${arch.archName}${wrong.map((w) => `: ${w}`).join('')}`)
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0

async function keepsSizes(arch: Arch): Promise<string[]> {
  const wrong: string[] = []
  const { cut } = modelMeta.get(arch)!
  using body = await createBody(
    withoutInit(() => arch()),
    { ...(cut !== undefined && { cut }), pretrained: false },
  )
  using unet = withoutInit(() => new DynamicUnet(body, 2, [224, 224]))
  unet.eval()
  for (const [h, w] of sizes) {
    tf.tidy(() => {
      const { shape } = unet.forward(tf.zeros([1, h, w, 3]))
      if (String(shape) !== String([1, h, w, 2])) wrong.push(`${h}×${w} gives [${shape}]`)
    })
  }
  return wrong
}

async function overfit(arch: Arch): Promise<string[]> {
  const size = sizeFor(arch.archName)
  const pairs = Array.from({ length: 8 }, (_, i) => pairOf(i, [size, size]))
  const dls = await dataBlock({
    blocks: [imageBlock(), maskBlock({ codes: ['ground', 'disc', 'square'], ignore: 9 })],
    getItems: (source: readonly Pair[]) => source,
    getX: ({ image }) => image,
    getY: ({ mask }) => mask,
    splitter: noSplitter(),
  }).dataLoaders(pairs, { bs: 8, seed: 1 })
  const metrics = [foregroundAcc({ bkgIdx: 255, name: 'pixels' })]
  const body = values.narrow ? narrow(arch) : arch
  using learn = await unetLearner(dls, body, { pretrained: false, seed: 2, verbose: false, metrics })
  await learn.fitOneCycle(200, { stop: values.narrow ? 1e-2 : 2e-3 })
  const { pixels = 0 } = await learn.validate(dls.testDl(pairs, { withLabels: true }))
  return pixels >= 0.99 ? [] : [`${pixels.toFixed(4)} of the pixels after 200 steps`]
}

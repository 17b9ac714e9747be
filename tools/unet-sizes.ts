/**
 * `node tools/run.mjs tools/unet-sizes.ts [REGEX]`: a U-Net over the body of every registered architecture whose name
 * matches gives what it gets, in size, at 64, 96, 224, 121×187 and 360×480. Needs the native engine and, for the bodies
 * with 2048 channels, 4 GB.
 */
import { setNativeEngine, tf, useEngine, withoutInit } from '@espalier/core'
import { createBody, DynamicUnet, modelMeta } from '@espalier/vision'

const sizes = [
  [64, 64],
  [96, 96],
  [224, 224],
  [121, 187],
  [360, 480],
] as const

setNativeEngine(() => import('@espalier/tensorflow'))
await useEngine('native')
const wanted = new RegExp(process.argv[2] ?? '')
let [passed, failed] = [0, 0]
for (const [arch, { cut }] of modelMeta) {
  if (!wanted.test(arch.archName)) continue
  const before = tf.memory().numTensors
  const wrong: string[] = []
  {
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
  }
  const left = tf.memory().numTensors - before
  if (left !== 0) wrong.push(`${left} tensors were left behind`)
  if (wrong.length > 0) failed++
  else passed++
  console.log(`${wrong.length > 0 ? '✗' : '✓'} ${arch.archName}${wrong.map((w) => `: ${w}`).join('')}`)
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0

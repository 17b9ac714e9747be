import { readFileSync } from 'node:fs'
import {
  loadStateDict,
  readSafetensors,
  type SafeTensor,
  stateDict,
  tf,
  useEngine,
  writeSafetensors,
} from '@espalier/core'
import { goldenFolder } from '@espalier/testkit'
import { beforeAll, describe, expect, it } from 'vitest'
import { createBody } from '../body.js'
import { loadPretrained } from '../load-pretrained.js'
import { densenet121 } from './densenet.js'
import { archByName, metaOf } from './model-meta.js'
import { withOptions } from './with-options.js'

beforeAll(async () => {
  await useEngine('wasm')
})

/** timm's name and torchvision's of every weight, from networks that were seen to give the same logits. */
const pairs: Readonly<Record<string, readonly (readonly [timm: string, torch: string])[]>> = JSON.parse(
  readFileSync(`${goldenFolder}/../names/timm.json`, 'utf8'),
)

const numbers = (t: tf.Tensor) => [...t.dataSync()]
const x = () => tf.fill<tf.Rank.R4>([1, 32, 32, 3], 0.5)

/** The shape that timm gives some weights. */
function theirShape(name: string, shape: readonly number[]): readonly number[] {
  if (name.endsWith('.gamma')) return [shape[0]!]
  if (name === 'pre_logits.fc1.weight') return [shape[0]!, shape[1]! / 49, 7, 7]
  return name === 'pre_logits.fc2.weight' ? [...shape, 1, 1] : shape
}

describe.each(Object.entries(pairs))('%s', (name, list) => {
  const slim = withOptions(archByName(name), { widen: 0.125, numClasses: 4 })

  it('knows timm’s name of every weight, and has no other weights', () => {
    const { keyMap } = metaOf(archByName(name))
    expect(list.map(([timm]) => keyMap!(timm))).toEqual(list.map(([, torch]) => torch))
    using net = slim()
    const names = [...net.weights()].map((w) => w.path)
    // torchvision lists a layer's parameters before its buffers, and so do we.
    expect(names).toEqual(list.map(([, torch]) => torch))
  })

  it('takes a checkpoint of either, whole or for its body, and names what is missing', async () => {
    using net = slim().eval()
    const torchs = readSafetensors(writeSafetensors(stateDict(net))).tensors
    const timms = new Map<string, SafeTensor>(
      list.map(([timm, torch]) => {
        const tensor = torchs.get(torch)!
        return [timm, { ...tensor, shape: theirShape(timm, tensor.shape) }]
      }),
    )
    const logits = tf.tidy(() => numbers(net.forward(x())))
    for (const dict of [torchs, timms]) {
      using other = slim().eval()
      await loadPretrained(other, slim, dict)
      expect(tf.tidy(() => numbers(other.forward(x())))).toEqual(logits)
      using body = await createBody(slim, { weights: dict })
      body.eval()
      using own = await createBody(other, { cut: metaOf(slim).cut! })
      expect(tf.tidy(() => numbers(body.forward(x())))).toEqual(tf.tidy(() => numbers(own.forward(x()))))
    }
    timms.delete(list[0]![0])
    using lacking = slim()
    await expect(loadPretrained(lacking, slim, timms)).rejects.toThrow(`1 missing: ${list[0]![1]}`)
    timms.set('unheard.of', torchs.values().next().value!)
    await expect(createBody(slim, { weights: timms })).rejects.toThrow('1 unexpected: unheard.of')
  })
})

it('takes the first names of torchvision’s DenseNet', async () => {
  const slim = withOptions(densenet121, { widen: 0.125, numClasses: 4 })
  using net = slim()
  const dict = readSafetensors(writeSafetensors(stateDict(net))).tensors
  const old = [...dict].map(([key, t]): [string, SafeTensor] => [
    key.replace(/(denselayer\d+\.(?:norm|conv))([12])\./, '$1.$2.'),
    t,
  ])
  expect(old.filter(([key]) => !dict.has(key)).length).toBeGreaterThan(300)
  using other = slim()
  await loadPretrained(other, slim, new Map(old))
  expect(numbers([...other.weights()].at(-3)!.variable)).toEqual(numbers([...net.weights()].at(-3)!.variable))
})

it('loadPretrained needs weights, and an architecture', async () => {
  using net = densenet121({ widen: 0.125 })
  const xresnet = archByName('xresnet18')
  await expect(loadPretrained(net, xresnet)).rejects.toThrow("no pretrained weights for 'xresnet18'")
  await expect(loadPretrained(net, 'densenet121' as never)).rejects.toThrow('import { densenet121 }')
  expect(() => loadStateDict(net, new Map())).toThrow('missing')
})

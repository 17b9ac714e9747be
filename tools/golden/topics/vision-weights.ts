import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { loadStateDict, readSafetensors, tf, withoutInit } from '@espalier/core'
import type { GoldenCase } from '@espalier/testkit'
import { archByName, createBody } from '@espalier/vision'
import { type Check, checkTensor, inputTensor } from '../check.js'

interface Net {
  readonly arch: string
  readonly weights: string
}

/** Where weights lie: in the package, or beside the repository. */
const folders = ['../../../packages/vision/weights/', '../../../../shared/data/weights/']

/** Networks with real weights; undefined where none of a case's weights are here. */
export async function runWeights(golden: GoldenCase): Promise<Check[] | undefined> {
  const { nets } = golden.json.config as { nets: Readonly<Record<string, Net>> }
  const checks: Check[] = []
  for (const [key, { arch, weights }] of Object.entries(nets)) {
    const file = folders
      .map((f) => fileURLToPath(new URL(f + weights, import.meta.url)))
      .find((path) => existsSync(path))
    if (file) checks.push(await checkNet(golden, key, arch, file))
    else console.log(`${golden.name}: ${key} left out, ${weights} is not in ../shared/data/weights`)
  }
  return checks.length > 0 ? checks : undefined
}

/** The logits of the whole network or, where the key ends in `.pool`, the mean of its last feature maps. */
async function checkNet(golden: GoldenCase, key: string, arch: string, file: string): Promise<Check> {
  const model = withoutInit(archByName(arch))
  const pooled = key.endsWith('.pool')
  loadStateDict(model, readSafetensors(readFileSync(file)).tensors, { strict: !pooled })
  using net = pooled ? await createBody(model, { cut: -1 }) : model
  net.eval()
  const y = tf.tidy(() => {
    const out = net.forward(inputTensor(golden, 'x') as tf.Tensor4D) as tf.Tensor
    return pooled ? tf.mean(out, [1, 2]) : out
  })
  const check = checkTensor(golden, key, y)
  y.dispose()
  return check
}

import {
  crossEntropyLossFlat,
  Learner,
  Module,
  param,
  type TensorTransform,
  tensorTransform,
  tf,
} from '@espalier/core'
import { DataLoaders, type NdArray, ndArray } from '@espalier/data'
import { compare, type GoldenCase } from '@espalier/testkit'
import { type Check, unmet } from '../check.js'

interface Row {
  readonly args: { readonly n?: number; readonly beta?: number | null; readonly use_max?: boolean }
  readonly aug_passes: number
  readonly preds: unknown
}

/** Test-time augmentation of a linear model: pass i multiplies the picture by 1 + i / 10. */
export async function runTta(golden: GoldenCase): Promise<Check[]> {
  const passes = new Set<number>()
  using learn = linearLearner(golden, passes)
  const checks: Check[] = []
  for (const { args, aug_passes, preds } of golden.json.expected['rows'] as readonly Row[]) {
    passes.clear()
    const { use_max: useMax, ...rest } = args
    const options = { ...rest, ...(useMax !== undefined && { useMax }) }
    const found = (await learn.tta(options)) as {
      readonly preds?: NdArray
      readonly augmented?: NdArray
      readonly plain?: NdArray
    }
    const got = found.preds ? [found.preds] : [found.augmented!, found.plain!]
    const values = got.flatMap(({ data }) => Array.from(data))
    const want = [preds].flat(Number.POSITIVE_INFINITY) as number[]
    const what = `tta(${JSON.stringify(args)})`
    const { tolerance } = golden.json
    checks.push(
      compare(what, { shape: [values.length], values }, { shape: [want.length], values: want, ...tolerance }),
      {
        ok: passes.size === aug_passes,
        largest: 0,
        message: `${what} makes ${passes.size} passes, not ${aug_passes}`,
      },
    )
  }
  return [...checks, ...unmet(golden, ['rows'])]
}

function linearLearner(golden: GoldenCase, passes: Set<number>): Learner {
  const [x, y, w] = ['x', 'y', 'W'].map((name) => golden.input(name))
  const n = x!.shape[0]!
  const size = x!.data.length / n
  const samples = Array.from({ length: n }, (_, i) => [
    ndArray('float32', x!.shape.slice(1), Float32Array.from(x!.data.slice(i * size, (i + 1) * size))),
    ndArray('int32', [], [Number(y!.data[i])], 'category'),
  ])
  const dataset = {
    length: n,
    sample: async (i: number) => samples[i]!,
    id: (i: number) => `row ${i}`,
  }
  const { bs = n } = golden.json.config as { readonly bs?: number }
  const dls = DataLoaders.fromDsets([dataset, dataset], { bs, batchTfms: [growing(passes)] })
  return new Learner(dls, new Rows(tf.tensor2d(Float32Array.from(w!.data), [w!.shape[0]!, w!.shape[1]!])), {
    lossFunc: crossEntropyLossFlat(),
  })
}

function growing(passes: Set<number>): TensorTransform {
  return tensorTransform({
    name: 'growing',
    splitIdx: 0,
    encode([x, ...rest], { place }) {
      passes.add(place.epoch)
      return [tf.mul(x!, 1 - 0.1 * place.epoch), ...rest]
    },
  })
}

/** `flatten → x · Wᵀ`. */
class Rows extends Module<[tf.Tensor], tf.Tensor> {
  readonly weight: tf.Variable<tf.Rank.R2>

  constructor(weight: tf.Tensor2D) {
    super()
    this.weight = param(weight)
  }

  forward(x: tf.Tensor): tf.Tensor {
    return tf.matMul(tf.reshape(x, [x.shape[0]!, -1]) as tf.Tensor2D, this.weight, false, true)
  }
}

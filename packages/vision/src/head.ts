import {
  AdaptiveAvgPool2d,
  AdaptiveConcatPool2d,
  type AnyModule,
  BatchNorm,
  Dropout,
  Flatten,
  Linear,
  linBnDropLayers,
  ReLU,
  Sequential,
  SigmoidRange,
  type tf,
} from '@espalier/core'
import { checkOptions, describeNumber, EspalierError } from '@espalier/data'

/** fastai's options of `create_head`. */
export interface HeadOptions {
  /** Sizes of the hidden layers. Default [512]. */
  readonly linFtrs?: readonly number[]
  /** Dropout before each linear layer; one number p means p/2 before the hidden ones and p before the last. Default 0.5. */
  readonly ps?: number | readonly number[]
  /** Pools feature maps first. Default true; false for input `[b, nf]`. */
  readonly pool?: boolean
  /** Pools by maximum and mean side by side, which doubles `nf`. Default true. */
  readonly concatPool?: boolean
  /** Begins with a batch norm. Default true. */
  readonly firstBn?: boolean
  /** Ends with a batch norm. */
  readonly bnFinal?: boolean
  /** Linear layer before norm and dropout instead of after. */
  readonly linFirst?: boolean
  /** Squeezes the output into a range. */
  readonly yRange?: readonly [low: number, high: number]
}

/** The names of these options. */
export const headOptionNames = [
  'linFtrs',
  'ps',
  'pool',
  'concatPool',
  'firstBn',
  'bnFinal',
  'linFirst',
  'yRange',
] as const satisfies readonly (keyof HeadOptions)[]

/** From feature maps `[b, h, w, nf]` to outputs `[b, nOut]`. */
export type Head = Sequential<[tf.Tensor4D], tf.Tensor2D>

/**
 * Pooling, then batch norm, dropout, linear and ReLU, twice (fastai's `create_head`). Pass the channels of the body:
 * the doubling of the concatenated pooling is done here. The linear layers that follow a norm have no bias.
 *
 * @example
 * createHead(512, 37) // [b, 7, 7, 512] → [b, 37], 546,304 weights
 */
export function createHead(nf: number, nOut: number, options: HeadOptions = {}): Head {
  const {
    linFtrs = [512],
    pool = true,
    concatPool = true,
    firstBn = true,
    bnFinal = false,
    linFirst = false,
    yRange,
  } = options
  checkOptions('createHead', options, headOptionNames)
  checkSizes(nf, linFtrs, nOut)
  const sizes = [pool && concatPool ? nf * 2 : nf, ...linFtrs, nOut]
  const ps = dropouts(options.ps ?? 0.5, sizes.length - 1)
  const relu = new ReLU({ inplace: true })
  const layers: AnyModule[] = []
  if (pool) layers.push(concatPool ? new AdaptiveConcatPool2d() : new AdaptiveAvgPool2d(1), new Flatten())
  if (linFirst) layers.push(new Dropout(ps.shift()))
  for (const [i, p] of ps.entries()) {
    const act = i < sizes.length - 2 ? relu : undefined
    layers.push(...linBnDropLayers(sizes[i]!, sizes[i + 1]!, { bn: i > 0 || firstBn, p, act, linFirst }))
  }
  if (linFirst) layers.push(new Linear(sizes.at(-2)!, nOut))
  if (bnFinal) layers.push(new BatchNorm(nOut, { ndim: 1, momentum: 0.01 }))
  if (yRange) layers.push(new SigmoidRange(...yRange))
  return new Sequential(layers)
}

function dropouts(ps: number | readonly number[], n: number): number[] {
  const list = [ps].flat() as number[]
  const wrong = list.find((p) => typeof p !== 'number' || !(p >= 0 && p <= 1))
  if (wrong !== undefined || list.length === 0) {
    throw new EspalierError(
      'head/ps',
      `createHead: a dropout must be from 0 to 1, got ${describeNumber(wrong)}`,
      {
        fix: 'say ps: 0.5',
      },
    )
  }
  const [last] = list
  if (list.length === 1) return [...new Array<number>(n - 1).fill(last! / 2), last!]
  if (list.length !== n)
    throw new EspalierError('head/ps', `createHead: ${n} linear layers need ${n} dropouts, got [${ps}]`, {
      fix: 'give one number for all of them, or one for each',
    })
  return list
}

function checkSizes(nf: unknown, linFtrs: unknown, nOut: unknown): void {
  const hidden: readonly unknown[] = Array.isArray(linFtrs) ? linFtrs : [undefined]
  for (const [name, sizes, fix] of [
    ['nf', [nf], 'it is the number of channels of the body: numFeatures(body)'],
    ['linFtrs', hidden, 'it is a list of sizes: linFtrs: [512]'],
    ['nOut', [nOut], 'it is the number of outputs: dls.c'],
  ] as const) {
    if (sizes.every((size) => Number.isInteger(size) && Number(size) >= 1)) continue
    const got = name === 'linFtrs' ? linFtrs : sizes[0]
    throw new EspalierError('head/size', `createHead: ${name} cannot be ${describeNumber(got)}`, { fix })
  }
}

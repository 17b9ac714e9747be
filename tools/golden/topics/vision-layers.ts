import {
  AdaptiveConcatPool2d,
  type AnyModule,
  type BlockKind,
  convLayer,
  Flatten,
  Linear,
  linBnDrop,
  MaxPool2d,
  MergeLayer,
  Module,
  type NormType,
  PooledSelfAttention2d,
  type PoolType,
  pixelShuffleIcnr,
  poolFlatten,
  type ResBlockOptions,
  resBlock,
  SelfAttention,
  Sequential,
  SequentialEx,
  SigmoidRange,
  SimpleSelfAttention,
  seBlock,
  seModule,
  separableBlock,
  seResNeXtBlock,
  simpleCnn,
  tf,
} from '@espalier/core'
import type { GoldenCase } from '@espalier/testkit'
import { activation } from '../activations.js'
import { type Check, toNchw } from '../check.js'
import { buildLayer } from '../tiny-model.js'
import { camelCased, checkModule, listed } from './modules.js'

/** A single layer of fastai's. */
export function runLayer(golden: GoldenCase): Check[] {
  using layer = layerOf(golden)
  return checkModule(golden, layer)
}

type Config = Readonly<Record<string, unknown>>

/** Who makes the layer of a case, by what its name begins with: the first that matches. */
const makers: readonly (readonly [
  begins: string,
  make: (config: Config, golden: GoldenCase) => AnyModule,
])[] = [
  ['adaptive_concat_pool', (config) => concatPool(camelCased(config))],
  ['conv_layer', convOf],
  ['lin_bn_drop', linBnDropOf],
  ['pixel_shuffle_icnr', shuffleOf],
  ['pool_flatten', ({ pool_type: type = 'Avg' }) => poolFlatten(String(type).toLowerCase() as PoolType)],
  ['pooled_self_attention', ({ n_channels: n }) => new PooledSelfAttention2d(n as number)],
  ['res_block', (config) => blockOf(resBlock, config)],
  ['se_block', seBlockOf],
  ['se_module', ({ ch, reduction }) => seModule(ch as number, reduction as number)],
  ['se_res_next_block', (config) => blockOf(seResNeXtBlock, config)],
  ['separable_block', (config) => blockOf(separableBlock, config)],
  ['self_attention', ({ n_channels: n }) => new SelfAttention(n as number)],
  ['seq_merge', ({ ni, nf, dense }) => mergeOf(ni as number, nf as number, dense === true)],
  ['sigmoid_range', sigmoidRangeOf],
  ['simple_cnn', simpleCnnOf],
  ['simple_self_attention', ({ n_in: n, ks }) => new SimpleSelfAttention(n as number, (ks as number) ?? 1)],
]

function layerOf(golden: GoldenCase): AnyModule {
  const { case: name, config } = golden.json
  const make = makers.find(([begins]) => name.startsWith(`layer_${begins}`))?.[1]
  if (!make) throw new Error(`the golden runner knows no layer '${name}'`)
  return make(config, golden)
}

function linBnDropOf(config: Config): AnyModule {
  const { nIn, nOut, act, ...options } = camelCased<LinBnConfig>(config)
  return linBnDrop(nIn, nOut, { ...options, ...(act && { act: activation(act) }) })
}

/** A convolution with norm and activation. */
export function convOf(config: Config): AnyModule {
  const { ni, nf, normType, actCls, xtra, init: _, ...options } = camelCased<ConvConfig>(config)
  return convLayer(ni, nf, {
    ...options,
    ...('norm_type' in config && { normType: normOf(normType) }),
    ...('act_cls' in config && { act: actCls ? () => activation(actCls) : null }),
    ...(xtra && { xtra: buildLayer(xtra) }),
  })
}

interface BlockConfig extends Omit<ResBlockOptions, 'act' | 'normType' | 'pool'> {
  readonly expansion: number
  readonly ni: number
  readonly nf: number
  readonly normType?: string
  readonly actCls?: string
  readonly pool?: string
}

/** A residual block of a kind. */
export function blockOf(kind: BlockKind, config: Config): AnyModule {
  const { expansion, ni, nf, normType, actCls, pool, ...options } = camelCased<BlockConfig>(config)
  return kind(expansion, ni, nf, {
    ...options,
    ...('norm_type' in config && { normType: normOf(normType) }),
    ...(actCls && { act: () => activation(actCls) }),
    ...(pool?.includes('Max') && { pool: (stride: number) => new MaxPool2d(stride) }),
  })
}

/** Cases of this name are plain blocks with a reduction, or fastai's `SEBlock`, which is wider inside: the weights tell. */
function seBlockOf(config: Config, golden: GoldenCase): AnyModule {
  const plain = blockOf(resBlock, config)
  const wanted = new Map([...golden.weights()].map(([key, { shape }]) => [key, String(shape)]))
  if (listed(plain).every(([key, shape]) => !wanted.has(key) || wanted.get(key) === String(shape)))
    return plain
  plain[Symbol.dispose]()
  return blockOf(seBlock, config)
}

/** A pixel shuffle by its options in Python. */
export function shuffleOf(config: Config): AnyModule {
  const { ni, nf, normType, actCls, ...options } = camelCased<
    ConvConfig & { scale?: number; blur?: boolean }
  >(config)
  return pixelShuffleIcnr(ni, nf, {
    ...options,
    ...('norm_type' in config && { normType: normOf(normType) }),
    ...('act_cls' in config && { act: actCls ? () => activation(actCls) : null }),
  })
}

const mergeOf = (ni: number, nf: number, dense: boolean) =>
  new SequentialEx([convLayer(ni, nf), new MergeLayer(dense)])

/** After a linear layer, whose sizes only the weights tell. */
function sigmoidRangeOf({ low, high }: Config, golden: GoldenCase): AnyModule {
  const range = new SigmoidRange(low as number, high as number)
  const [weight] = [...golden.weights()]
  if (!weight) return range
  const [nOut, nIn] = weight[1].shape
  return new Sequential([new Linear(nIn!, nOut!), range])
}

function simpleCnnOf(config: Config): AnyModule {
  const { filters, ...options } = camelCased<{ filters: number[] }>(config)
  return simpleCnn(filters, options)
}

/** Options whose activation is written out. */
interface LinBnConfig extends Omit<NonNullable<Parameters<typeof linBnDrop>[2]>, 'act'> {
  readonly nIn: number
  readonly nOut: number
  readonly act?: string
}
interface ConvConfig extends Omit<NonNullable<Parameters<typeof convLayer>[2]>, 'act' | 'normType' | 'xtra'> {
  readonly ni: number
  readonly nf: number
  readonly normType?: string
  readonly actCls?: string
  readonly xtra?: string
  /** How the weights begin; they come from the formula. */
  readonly init?: unknown
}

const normTypes: Readonly<Record<string, NormType>> = {
  Batch: 'batch',
  BatchZero: 'batchZero',
  Instance: 'instance',
  InstanceZero: 'instanceZero',
  Weight: 'weight',
  Spectral: 'spectral',
}

/** A norm by fastai's name of it; none where there is none. */
export function normOf(name: string | undefined): NormType {
  if (name === undefined) return null
  const found = normTypes[name.replace('NormType.', '')]
  if (found === undefined) throw new Error(`the golden runner knows no norm '${name}'`)
  return found
}

function concatPool({ size = 1, sz = size }: { size?: unknown; sz?: unknown }): AnyModule {
  return new Sequential([new AdaptiveConcatPool2d(sz as number), new FlattenAsTorch()])
}

/** Flattens `[b, h, w, c]` in torch's order, which the case has where more than one place is left. */
class FlattenAsTorch extends Module<[tf.Tensor], tf.Tensor2D> {
  override get kind(): string {
    return 'Flatten'
  }

  override describe(): string {
    return new Flatten().describe()
  }

  forward(x: tf.Tensor): tf.Tensor2D {
    return tf.reshape(toNchw(x), [x.shape[0]!, -1])
  }
}

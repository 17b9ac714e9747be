import {
  AdaptiveConcatPool2d,
  type AnyModule,
  convLayer,
  Flatten,
  linBnDrop,
  Module,
  type NormType,
  Sequential,
  tf,
} from '@espalier/core'
import type { GoldenCase } from '@espalier/testkit'
import { activation } from '../activations.js'
import { type Check, toNchw } from '../check.js'
import { buildLayer } from '../tiny-model.js'
import { camelCased, checkModule } from './modules.js'

/** A single layer of fastai's. */
export function runLayer(golden: GoldenCase): Check[] {
  using layer = layerOf(golden)
  return checkModule(golden, layer)
}

function layerOf({ json: { case: name, config } }: GoldenCase): AnyModule {
  if (name.startsWith('layer_adaptive')) return concatPool(camelCased(config))
  if (name.startsWith('layer_lin_bn')) {
    const { nIn, nOut, act, ...options } = camelCased<LinBnConfig>(config)
    return linBnDrop(nIn, nOut, { ...options, ...(act && { act: activation(act) }) })
  }
  const { ni, nf, normType, actCls, xtra, init: _, ...options } = camelCased<ConvConfig>(config)
  return convLayer(ni, nf, {
    ...options,
    ...('norm_type' in config && { normType: normOf(normType) }),
    ...('act_cls' in config && { act: actCls ? () => activation(actCls) : null }),
    ...(xtra && { xtra: buildLayer(xtra) }),
  })
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

function normOf(name: string | undefined): NormType {
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

import { BatchNorm } from './batch-norm.js'
import { InstanceNorm2d } from './instance-norm.js'
import { LayerNorm } from './layer-norm.js'
import type { AnyModule } from './module.js'

const norms = [BatchNorm, InstanceNorm2d, LayerNorm]

/** Whether a module is a norm layer (fastai's `norm_types`): it has no decay, and trains where others are frozen. */
export function isNorm(module: AnyModule): boolean {
  return norms.some((norm) => module instanceof norm)
}

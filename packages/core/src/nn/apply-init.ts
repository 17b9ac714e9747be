import * as tf from '../engine/tf.js'
import { kaimingNormal } from './init.js'
import { isNorm } from './is-norm.js'
import type { AnyModule } from './module.js'

/**
 * Draws every weight of a module anew, norm layers excepted, and sets biases to 0 (fastai's `apply_init`, by
 * default with `kaiming_normal`).
 */
export function applyInit(
  module: AnyModule,
  init: (shape: readonly number[]) => tf.Tensor = kaimingNormal,
): void {
  for (const { variable, name, owner } of module.weights()) {
    if (isNorm(owner) || !variable.trainable) continue
    if (name !== 'weight' && name !== 'bias') continue
    const value = name === 'weight' ? init(variable.shape) : tf.zeros(variable.shape)
    variable.assign(value)
    value.dispose()
  }
}

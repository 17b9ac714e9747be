import { EspalierError } from '@espalier/data'
import * as tf from '../engine/tf.js'
import { torchShape } from '../io/state-dict.js'
import { holdModes } from './hold-modes.js'
import { hookOutputs } from './hook-outputs.js'
import type { AnyModule } from './module.js'

/** How many channels a model takes, as its first filter says (fastai's `in_channels`). */
export function inChannels(model: AnyModule): number {
  for (const weight of model.weights()) {
    const shape = torchShape(weight)
    if (shape.length === 4) return shape[1]!
  }
  throw new EspalierError(
    'model/channels',
    `this ${model.kind} has no filter that says how many channels it takes`,
    {
      fix: 'say how many: modelSizes(model, { nIn: 3 })',
    },
  )
}

/** What `modelSizes` runs a model on. */
export interface ModelSizesOptions {
  /** Height and width. Default `[64, 64]`. */
  readonly size?: readonly [number, number]
  /** Channels. Default: {@link inChannels}. */
  readonly nIn?: number
}

/**
 * The shapes that the direct parts of a model give for one picture, batch first (fastai's `model_sizes`); undefined
 * for a part that does not run.
 */
export function modelSizes(
  model: AnyModule,
  { size = [64, 64], nIn = inChannels(model) }: ModelSizesOptions = {},
): (readonly number[] | undefined)[] {
  using _modes = holdModes(model)
  using hooks = hookOutputs(
    [...model.children()].map(([, child]) => child),
    (output) => (output as tf.Tensor).shape,
  )
  model.eval()
  tf.tidy(() => {
    model.forward(tf.zeros([1, ...size, nIn]) as never)
  })
  return [...hooks.stored]
}

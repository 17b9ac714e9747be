import type { Json } from '@espalier/data'
import * as tf from '../engine/tf.js'
import { meanOf } from '../kernels/mean.js'
import { checkReduction } from './check-options.js'
import type { Loss, Reduction } from './loss.js'

/** The losses of all places of a batch, items first. */
export interface Places {
  readonly losses: tf.Tensor
  /** Their mean, where it is not the plain one. */
  mean?(): tf.Tensor
}

/** What a loss consists of. */
interface Recipe extends Pick<Loss, 'activation' | 'decodes' | 'yInt'> {
  readonly name: string
  /** As they were given; `undefined` ones are left out. */
  readonly options: { readonly [key: string]: Json | undefined }
  readonly reduction: Reduction
  places(pred: tf.Tensor, target: tf.Tensor): Places
}

/** A {@link Loss} out of its parts. */
export function makeLoss({ name, options, reduction, places, ...rest }: Recipe): Loss {
  checkReduction(name, reduction)
  const given = Object.entries(options).filter((entry): entry is [string, Json] => entry[1] !== undefined)
  const loss = (pred: tf.Tensor, target: tf.Tensor): tf.Tensor => reduced(places(pred, target), reduction)
  Object.defineProperty(loss, 'name', { value: name })
  return Object.assign(loss as Loss, {
    ...rest,
    reduction,
    steady: true,
    perItem: (pred: tf.Tensor, target: tf.Tensor): tf.Tensor1D =>
      tf.mean(tf.reshape(places(pred, target).losses, [pred.shape[0]!, -1]), 1),
    toJSON: () => Object.fromEntries(given),
  })
}

function reduced({ losses, mean }: Places, reduction: Reduction): tf.Tensor {
  if (reduction === 'none') return losses
  if (reduction === 'sum') return tf.sum(losses)
  return mean ? mean() : meanOf(losses)
}

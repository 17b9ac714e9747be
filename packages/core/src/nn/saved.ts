import type { Json } from '@espalier/data'
import type * as tf from '../engine/tf.js'

/** What a checkpoint keeps of something: plain data, and tensors that their owner keeps owning. */
export interface Saved {
  readonly data?: Json
  readonly tensors?: Readonly<Record<string, tf.Tensor>>
}

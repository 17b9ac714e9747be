import { type AnyModule, holdModes, tf } from '@espalier/core'
import { EspalierError } from '@espalier/data'

/** How many channels a body gives, found by running it on ever larger blanks (fastai's `num_features_model`). */
export function numFeatures(body: AnyModule, nIn = 3): number {
  using _modes = holdModes(body)
  body.eval()
  for (let size = 32; size <= 2048; size *= 2) {
    const channels = channelsAt(body, size, nIn)
    if (channels !== undefined) return channels
  }
  throw new EspalierError('body/features', 'this body gives no feature map for images of up to 2048 px', {
    fix: 'cut it earlier, or pool less',
  })
}

function channelsAt(body: AnyModule, size: number, nIn: number): number | undefined {
  try {
    return tf.tidy(() => (body.forward(tf.zeros([1, size, size, nIn]) as never) as tf.Tensor).shape.at(-1))
  } catch (error) {
    if (error instanceof EspalierError && error.code === 'shape') return undefined
    throw error
  }
}

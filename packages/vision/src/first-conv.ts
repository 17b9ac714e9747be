import { type AnyModule, Conv2d, Sequential, tf } from '@espalier/core'
import { EspalierError } from '@espalier/data'

/**
 * Rebuilds the first convolution for another number of channels (fastai's `_update_first_layer`). Of pretrained
 * filters one channel gets the sum of the three, two get the first two times 1.5, more get zeros after the three.
 */
export function replaceFirstConv(body: AnyModule, nIn: number, pretrained: boolean): void {
  const found = findConv(body)
  if (found?.conv.nIn !== 3) {
    throw new EspalierError(
      'body/n-in',
      `the first layer of this body is no convolution over 3 channels: nIn ${nIn} cannot be had`,
      { fix: 'leave nIn out, or change the first layer of your model yourself' },
    )
  }
  const { conv, replace } = found
  const fresh = new Conv2d(nIn, conv.nOut, conv.kernelSize, conv.options)
  if (pretrained) {
    tf.tidy(() => fresh.weight.assign(regrouped(conv.weight, nIn)))
    if (conv.bias) fresh.bias?.assign(conv.bias)
  }
  conv[Symbol.dispose]()
  replace(fresh)
}

function regrouped(weight: tf.Tensor4D, nIn: number): tf.Tensor4D {
  const [kh, kw, , nOut] = weight.shape
  if (nIn === 1) return tf.sum(weight, 2, true)
  if (nIn === 2) return tf.mul(tf.slice(weight, [0, 0, 0, 0], [kh, kw, 2, nOut]), 1.5)
  return tf.concat([weight, tf.zeros([kh, kw, nIn - 3, nOut])], 2)
}

/** The first convolution of a module tree and how to put another in its place. */
function findConv(
  module: AnyModule,
): { readonly conv: Conv2d; readonly replace: (conv: Conv2d) => void } | undefined {
  const places =
    module instanceof Sequential
      ? (module.layers as unknown as Record<string, unknown>)
      : (module as unknown as Record<string, unknown>)
  for (const key of Object.keys(places)) {
    const child = places[key]
    if (child instanceof Conv2d) return { conv: child, replace: (conv) => (places[key] = conv) }
    const below =
      child && typeof child === 'object' && 'children' in child ? findConv(child as AnyModule) : undefined
    if (below) return below
  }
  return undefined
}

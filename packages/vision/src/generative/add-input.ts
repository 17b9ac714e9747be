import { type AnyModule, Module, makePart, type PartSpec, registerPart, tf } from '@espalier/core'
import { EspalierError, type Json, type Portable } from '@espalier/data'
import { orDispose } from '../or-dispose.js'

/**
 * Pictures plus what a model says is missing in them: `[b, h, w, c]` → `[b, h, w, c]`. The last convolution of the model
 * begins at zero, so that training begins at the picture as it is: what is enlarged or denoised differs little from it.
 *
 * @example
 * const unet = await createUnetModel(mobilenetV2, 3, [128, 128])
 * using learn = new Learner(dls, new AddInput(unet), { lossFunc: loss })
 */
export class AddInput<M extends Module<[tf.Tensor4D], tf.Tensor4D>> extends Module<
  [tf.Tensor4D],
  tf.Tensor4D
> {
  constructor(readonly model: M) {
    super()
    const weights = model.parameters()
    const last = weights.findLastIndex((w) => w.rank === 4)
    if (last < 0) {
      throw new EspalierError('model/add-input', `the ${(model as AnyModule).kind} has no convolution`, {
        fix: 'give a model that makes pictures of pictures, such as createUnetModel',
      })
    }
    for (const w of weights.slice(last)) tf.tidy(() => w.assign(tf.zerosLike(w)))
    const { portable } = model
    if (portable) this.portable = portableAround(portable)
  }

  forward(pictures: tf.Tensor4D): tf.Tensor4D {
    const missing = this.model.forward(pictures)
    if (String(missing.shape) === String(pictures.shape)) return tf.add(pictures, missing)
    throw new EspalierError(
      'shape',
      `AddInput: pictures [${pictures.shape}], but the model gave [${missing.shape}]`,
      { fix: 'it must give as many channels as it is given' },
    )
  }
}

const name = 'addInput'

/** A bundle of a model that adds to its input holds what the model itself is made of. */
function portableAround({ name: inner, toJSON, untold }: Portable): Portable {
  if (!toJSON) return { name: inner, ...(untold && { untold }) }
  return { name, toJSON: () => ({ model: { name: inner, options: toJSON() as { [key: string]: Json } } }) }
}

/** Lets bundles name models that add to their input. */
export function registerAddInput(): void {
  registerPart('model', name, async ({ model }: { readonly model: PartSpec }) => {
    const made = (await makePart('model', model)) as Module<[tf.Tensor4D], tf.Tensor4D>
    return orDispose(made, () => new AddInput(made))
  })
}

import { type AnyModule, Module, tf } from '@espalier/core'
import { EspalierError } from '@espalier/data'

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

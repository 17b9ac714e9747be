import { registerPart } from '@espalier/core'
import { augParts } from '../augment/parts.js'
import { MaskCodes, type MaskCodesOptions } from '../blocks/mask-codes.js'
import { registerAddInput } from '../generative/add-input.js'
import { imageTarget } from '../generative/image-target.js'
import { registerTransformNet } from '../generative/transform-net.js'
import { imageParts } from '../image/parts.js'
import { PointSetup } from '../points/point-setup.js'
import { registerVisionModel } from '../portable-model.js'
import { registerUnetModel } from '../unet/portable-unet.js'
import { type OpenImageOptions, openImage } from './open-image.js'
import { type PictureOfPairOptions, pictureOfPair } from './picture-of-pair.js'

/** Lets bundles name the models and the steps of this package: {@link loadLearner} does it first. */
export function registerVisionParts(): void {
  registerVisionModel()
  registerUnetModel()
  registerAddInput()
  registerTransformNet()
  registerPart('target', 'maskCodes', (options: MaskCodesOptions) => new MaskCodes(options))
  // Limits on size and time are this machine's, not the file's.
  registerPart('transform', 'openImage', ({ mode, orient }: OpenImageOptions) =>
    openImage({ mode: mode === 'L' || typeof mode === 'number' ? mode : 'RGB', orient: orient !== false }),
  )
  registerPart('transform', 'pictureOfPair', ({ at, orient }: PictureOfPairOptions) =>
    pictureOfPair({ at: at === 1 ? 1 : 0, orient: orient !== false }),
  )
  registerPart('target', 'openImage', ({ mode, orient }: OpenImageOptions) =>
    Object.assign(
      openImage({ mode: mode ?? 'RGB', orient: orient !== false }),
      imageTarget(channelsOf(mode)),
    ),
  )
  registerPart('target', 'pointSetup', (options: { readonly n?: number }) => new PointSetup(options))
  for (const [name, make] of Object.entries(imageParts)) registerPart('itemTransform', name, make)
  for (const [name, make] of Object.entries(augParts)) registerPart('batchTransform', name, make)
}

function channelsOf(mode: OpenImageOptions['mode']): number {
  return typeof mode === 'number' ? mode : mode === 'L' ? 1 : 3
}

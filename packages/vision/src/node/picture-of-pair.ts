import { describe, EspalierError, itemId, movable, SkipItem, type Transform } from '@espalier/data'
import { type ImageSource, RasterImage } from '../image/raster-image.js'
import { type ImageInput, type OpenImageOptions, openImage } from './open-image.js'

/** Two pictures, and whether they show the same where that is known. */
export type PairInput = readonly [first: ImageInput, second: ImageInput, same?: boolean]

/** How the pictures of pairs are opened: in colours. */
export type PairReading = Pick<OpenImageOptions, 'orient' | 'maxPixels' | 'timeout'>

/** Which picture of a pair is opened, and how. */
export interface PictureOfPairOptions extends PairReading {
  readonly at: 0 | 1
}

/**
 * Opens one picture of a pair. It stands apart: random item transforms draw for each picture by itself. A second one that
 * cannot be read is an error, not a sample to leave out: the item that it was drawn for is sound.
 */
export function pictureOfPair({ at, ...options }: PictureOfPairOptions): Transform<PairInput, RasterImage> {
  const open = openImage(options)
  const transform: Transform<PairInput, RasterImage> = {
    name: 'pictureOfPair',
    toJSON: () => ({ at, ...options }),
    accepts: Array.isArray,
    async encode(pair, context) {
      const input = pictureIn(pair, at)
      const { source, kind, steps } = await open.encode(input, context)
      const named = at === 1 && pair.length > 2 ? ofPartner(source, itemId(input), itemId(pair[0])) : source
      return new RasterImage(named, kind, steps, true)
    },
  }
  return movable(transform, '@espalier/vision', { light: true })
}

function pictureIn(pair: PairInput, at: 0 | 1): ImageInput {
  if (Array.isArray(pair) && (pair.length === 2 || pair.length === 3)) return pair[at]
  throw new EspalierError('siamese/pair', `this model compares two pictures, got ${describe(pair)}`, {
    fix: 'give a pair: learn.predict([one, other])',
  })
}

function ofPartner(source: ImageSource, partner: string, file: string): ImageSource {
  const explain = (error: unknown): never => {
    if (!(error instanceof SkipItem)) throw error
    throw new EspalierError(
      'siamese/unreadable',
      `${partner}, the partner of ${file}, cannot be read: ${error.message}`,
      { fix: 'leave it out of the files', cause: error },
    )
  }
  return {
    size: () => source.size().catch(explain),
    read: (steps, filter) => source.read(steps, filter).catch(explain),
  }
}

import { type NdArray, ndArray, SkipItem } from '@espalier/data'
import sharp from 'sharp'
import type { Rect } from '../image/geometry.js'
import { type Encoded, type Probed, type ReadOptions, sharpOptions } from './probe.js'
import { unreadable } from './unreadable.js'

/** Pictures of more channels are not read. */
export const mostChannels = 64

/**
 * Decodes a part of a picture to bytes `[h, w, channels]` as its channels lie in the file, transparency among them: for
 * pictures that are not colours, such as those of satellites. 16 bits become their upper 8. A picture of another number
 * of channels is left out.
 */
export async function decodeBands(
  input: Encoded,
  probed: Probed,
  rect: Rect,
  channels: number,
  options: ReadOptions,
): Promise<NdArray<'uint8'>> {
  try {
    const picture = sharp(input, sharpOptions(options)).extract({ ...rect })
    const { space } = await sharp(input, sharpOptions(options)).metadata()
    if (probed.colours === 'cmyk') picture.pipelineColourspace('cmyk').toColourspace('cmyk')
    const { data, info } = await picture
      .timeout({ seconds: options.timeout })
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
    if (info.width !== rect.width || info.height !== rect.height)
      throw new SkipItem(`decoded to ${info.width}×${info.height} px instead of ${rect.width}×${rect.height}`)
    // sharp makes three equal channels of the first where it takes that for grey.
    const first = space === 'b-w' || space === 'grey16' ? 2 : 0
    const found = info.channels - first
    if (found !== channels)
      throw new SkipItem(`it has ${found} ${found === 1 ? 'channel' : 'channels'}, ${channels} are read`)
    return from(data, [info.height, info.width], info.channels, first)
  } catch (error) {
    throw await unreadable(error, input, probed.format)
  }
}

/** The channels but for the `first` ones, which repeat the one after them. */
function from(
  data: Uint8Array,
  [h, w]: readonly [number, number],
  stored: number,
  first: number,
): NdArray<'uint8'> {
  const channels = stored - first
  const bytes = new Uint8Array(h * w * channels)
  for (let i = 0; i < h * w; i++) {
    for (let j = 0; j < channels; j++) bytes[i * channels + j] = data[i * stored + first + j]!
  }
  return ndArray('uint8', [h, w, channels], bytes)
}

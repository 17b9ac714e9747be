import { EspalierError, type NdArray, ndArray } from '@espalier/data'
import { palette } from './style.js'

/** Whether pixels hold class numbers rather than colours. */
export function isMask(pixels: NdArray<'uint8'>): boolean {
  return pixels.kind === 'mask'
}

/**
 * Pixels `[h, w]`, `[h, w, 1]`, `[h, w, 3]` or `[h, w, 4]` as `[h, w, 3]`; what is transparent lies on white.
 * Throws `picture/pixels` for anything else.
 */
export function toRgb(pixels: NdArray<'uint8'>): NdArray<'uint8'> {
  const [height, width, channels] = checkPixels(pixels)
  if (channels === 3) return pixels
  const { data } = pixels
  const rgb = new Uint8Array(height * width * 3)
  for (let i = 0; i < height * width; i++) {
    for (let c = 0; c < 3; c++) {
      if (channels === 1) rgb[3 * i + c] = data[i]!
      else rgb[3 * i + c] = mix(255, data[4 * i + c]!, data[4 * i + 3]! / 255)
    }
  }
  return ndArray('uint8', [height, width, 3], rgb)
}

/** A mask of classes over a picture, at half opacity as fastai shows it; without a picture over grey. */
export function overlay(mask: NdArray<'uint8'>, picture?: NdArray<'uint8'>): NdArray<'uint8'> {
  const [height, width, channels] = checkPixels(mask)
  const under = picture && toRgb(picture)
  if (channels !== 1 || (under && (under.shape[0] !== height || under.shape[1] !== width))) {
    throw new EspalierError(
      'picture/mask',
      `a mask [${mask.shape}] cannot be shown over a picture [${picture?.shape ?? [height, width, 3]}]`,
      { fix: 'both need the same height and width, and a mask has one channel' },
    )
  }
  const rgb = under ? Uint8Array.from(under.data) : new Uint8Array(height * width * 3).fill(190)
  for (let i = 0; i < height * width; i++) {
    const color = maskColor(mask.data[i]!)
    if (!color) continue
    for (let c = 0; c < 3; c++) rgb[3 * i + c] = mix(rgb[3 * i + c]!, color[c]!, 0.5)
  }
  return ndArray('uint8', [height, width, 3], rgb)
}

/**
 * The colour of a class: the palette, then darker and lighter rounds of it. Class 0 is usually the background
 * and 255 what has no label: both let the picture through.
 */
function maskColor(category: number): readonly number[] | undefined {
  if (category === 0 || category === 255) return undefined
  const hex = palette[(category - 1) % palette.length]!
  const round = Math.floor((category - 1) / palette.length)
  const towards = round % 2 ? 0 : 255
  const share = round === 0 ? 0 : Math.min(0.75, 0.3 + 0.15 * ((round - 1) >> 1))
  return [1, 3, 5].map((at) => mix(Number.parseInt(hex.slice(at, at + 2), 16), towards, share))
}

/** The same picture made smaller by a whole factor, by averaging, until its longer side is about `side`. */
export function shrink(picture: NdArray<'uint8'>, side: number): NdArray<'uint8'> {
  const [height = 0, width = 0] = picture.shape
  const factor = Math.floor(Math.max(height, width) / side)
  const [h, w] = [Math.floor(height / factor), Math.floor(width / factor)]
  if (factor < 2 || h < 1 || w < 1) return picture
  const { data } = picture
  const out = new Uint8Array(h * w * 3)
  for (let i = 0; i < out.length; i++) {
    const c = i % 3
    const x = ((i - c) / 3) % w
    const y = Math.floor(i / (3 * w))
    let sum = 0
    for (let dy = 0; dy < factor; dy++) {
      for (let dx = 0; dx < factor; dx++) {
        sum += data[((y * factor + dy) * width + x * factor + dx) * 3 + c]!
      }
    }
    out[i] = Math.round(sum / factor ** 2)
  }
  return ndArray('uint8', [h, w, 3], out)
}

function checkPixels({ dtype, shape, data }: NdArray): [number, number, number] {
  const [height = 0, width = 0, channels = 1] = shape
  const fits = shape.length === 2 || (shape.length === 3 && [1, 3, 4].includes(channels))
  if (dtype === 'uint8' && fits && height > 0 && width > 0 && data.length === height * width * channels) {
    return [height, width, channels]
  }
  throw new EspalierError('picture/pixels', `a picture cannot be made of ${dtype} [${shape}]`, {
    fix: 'pixels are uint8 [h, w], [h, w, 1], [h, w, 3] or [h, w, 4]',
  })
}

const mix = (from: number, to: number, share: number): number => Math.round(from + (to - from) * share)

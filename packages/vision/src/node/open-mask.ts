import { EspalierError, listed, movable, type Transform, type TransformContext } from '@espalier/data'
import { type Color, type MaskMeaning, type NoClass, shown, toClasses } from '../blocks/mask-classes.js'
import { type ImageSource, RasterImage } from '../image/raster-image.js'
import { EncodedSource } from './encoded-source.js'
import { type MaskReading, MaskSource } from './mask-source.js'
import { type ImageInput, type OpenImageOptions, openImage } from './open-image.js'
import { type PalettePng, palettePng } from './palette-png.js'
import type { Encoded } from './probe.js'

/** How masks are read. */
export interface OpenMaskOptions extends Pick<OpenImageOptions, 'orient' | 'maxPixels' | 'timeout'> {
  /** How many classes there are. */
  readonly classes: number
  /** The pixel value of each class, such as `[0, 255]`. Default 0, 1, 2, … */
  readonly values?: readonly number[]
  /** The colour of each class: masks are read as colours. */
  readonly colors?: readonly Color[]
  /** Masks are PNGs with a palette, and a pixel's class is its place there. Default false. */
  readonly palette?: boolean
  /** Pixel values, or colours, that do not count: in batches they are 255, which losses leave out. */
  readonly ignore?: number | string | readonly (number | Color)[]
}

/**
 * Opens masks without decoding them, as {@link openImage} opens pictures: a pixel becomes the number of its class. A
 * pixel that is of no class is an error that names the mask.
 */
export function openMask({
  classes,
  values,
  colors,
  palette = false,
  ignore,
  ...options
}: OpenMaskOptions): Transform<ImageInput, RasterImage> {
  if (colors && (values || palette)) {
    throw new EspalierError(
      'mask/option',
      `maskBlock: colors and ${values ? 'values' : 'palette'} exclude each other`,
      {
        fix: 'say colors where pixels are colours, values or palette where they are numbers',
      },
    )
  }
  const ignores = ignore === undefined ? [] : Array.isArray(ignore) ? ignore : [ignore]
  const find = toClasses({ classes, values, colors, ignore: ignores })
  const open = openImage({ ...options, mode: colors ? 'RGB' : 'L' }, 'mask')
  const { maxPixels = 32_000_000 } = options
  const pixelsOf = (input: ImageInput, context: TransformContext): MaskPixels =>
    palette && (typeof input === 'string' || input instanceof Uint8Array)
      ? placesOf(input, maxPixels)
      : bytesOf((open.encode(input, context) as RasterImage).source, nameOf(input))
  const transform: Transform<ImageInput, RasterImage> = {
    name: 'openMask',
    toJSON: () => ({
      ...options,
      classes,
      ...(values && { values: [...values] }),
      ...(colors && { colors: colors.map((c) => (typeof c === 'string' ? c : [...c])) }),
      palette,
      ignore: ignores.map((c) => (typeof c === 'object' ? [...c] : c)),
    }),
    accepts: (x) => open.accepts?.(x) ?? true,
    encode(input, context) {
      if (input instanceof RasterImage) return input
      const reading = { ...pixelsOf(input, context), toClasses: find, maxPixels, colors: !!colors }
      const advice = (error: NoClass) => adviceFor(error, { classes, values, colors }, nameOf(input))
      return new RasterImage(new MaskSource({ ...reading, id: nameOf(input), advice }), 'mask')
    },
  }
  return movable(transform, '@espalier/vision', { light: true })
}

type MaskPixels = Pick<MaskReading, 'size' | 'pixels'>

function placesOf(input: Encoded, maxPixels: number): MaskPixels {
  let png: Promise<PalettePng> | undefined
  const opened = () => {
    png ??= palettePng(input, maxPixels)
    return png
  }
  return { size: async () => (await opened()).size, pixels: async () => (await opened()).read() }
}

function bytesOf(source: ImageSource, id: string): MaskPixels {
  return {
    size: () => source.size(),
    async pixels() {
      if (source instanceof EncodedSource && (await source.probed()).deep) throw tooDeep(id)
      return source.read([], 'nearest')
    },
  }
}

function tooDeep(id: string): EspalierError {
  return new EspalierError('mask/depth', `the mask ${id} has 16 bits for each pixel, and 8 are read`, {
    fix: 'save class numbers as a PNG of 8 bits',
  })
}

function nameOf(input: ImageInput): string {
  return typeof input === 'string' ? input : 'in memory'
}

function adviceFor({ value, found }: NoClass, { classes, values, colors }: MaskMeaning, id: string): string {
  if (colors) return `give a class that colour, or say ignore: ${shown(value, true)}`
  const all = [...found].sort((a, b) => a - b)
  if (/\.jpe?g$/i.test(id)) return 'a JPEG blurs class numbers: save masks as PNG'
  if (!values && all.length === classes) return `say which class has which value: values: [${all.join(', ')}]`
  const ways =
    'say values or ignore, palette: true for a PNG with a palette, or colors where pixels are colours'
  return `its values are ${listed(all, 8)}: ${ways}`
}

import { EspalierError, type NdArray, ndArray } from '@espalier/data'

/** What speaks for a class as shares of the strongest place, `[h, w]` from 0 to 1: what speaks against it is 0. */
export function heatOf({ data, shape }: NdArray<'float32'>): NdArray<'float32'> {
  const most = data.reduce((m, v) => Math.max(m, v), 0)
  return ndArray(
    'float32',
    shape,
    data.map((v) => (most > 0 ? Math.max(0, v) / most : 0)),
  )
}

/** A map `[h, w]` at another size, bilinear with half-pixel centres; beyond the outer centres it goes on flat. */
export function resizedMap(map: NdArray<'float32'>, height: number, width: number): NdArray<'float32'> {
  const [h, w] = map.shape as [number, number]
  const out = new Float32Array(height * width)
  for (let y = 0; y < height; y++) {
    const [top, bottom, down] = between(y, height, h)
    for (let x = 0; x < width; x++) {
      const [left, right, across] = between(x, width, w)
      const row = (at: number) => mix(map.data[at * w + left]!, map.data[at * w + right]!, across)
      out[y * width + x] = mix(row(top), row(bottom), down)
    }
  }
  return ndArray('float32', [height, width], out)
}

/** The two places of `n` that place `i` of `size` lies between, and how far it is from the first. */
function between(i: number, size: number, n: number): [number, number, number] {
  const at = Math.min(n - 1, Math.max(0, ((i + 0.5) * n) / size - 0.5))
  const before = Math.floor(at)
  return [before, Math.min(n - 1, before + 1), at - before]
}

/** From cold to hot: lightness rises all the way, so that it reads the same without colours. */
const ramp = [
  [38, 12, 92],
  [140, 29, 111],
  [226, 83, 63],
  [253, 231, 37],
] as const
/** How much of the photo the hottest place covers. */
const most = 0.7

/** A photo `[h, w, 1 or 3]` under a heat map of any size: the hotter a place, the less of the photo is seen. */
export function heatOver(photo: NdArray<'uint8'>, values: NdArray<'float32'>): NdArray<'uint8'> {
  const [height, width, channels] = checkPhoto(photo)
  const heat = resizedMap(heatOf(values), height, width)
  const rgb = new Uint8Array(height * width * 3)
  for (let i = 0; i < height * width; i++) {
    const hot = heat.data[i]!
    const step = Math.min(ramp.length - 2, Math.floor(hot * (ramp.length - 1)))
    const between = hot * (ramp.length - 1) - step
    for (let c = 0; c < 3; c++) {
      const color = mix(ramp[step]![c]!, ramp[step + 1]![c]!, between)
      const under = photo.data[i * channels + Math.min(c, channels - 1)]!
      rgb[3 * i + c] = Math.round(mix(under, color, most * Math.sqrt(hot)))
    }
  }
  return ndArray('uint8', [height, width, 3], rgb, 'image')
}

function checkPhoto({ shape }: NdArray<'uint8'>): [height: number, width: number, channels: number] {
  const [height = 0, width = 0, channels = 1] = shape
  if (height > 0 && width > 0 && (channels === 1 || channels >= 3)) return [height, width, channels]
  throw new EspalierError('cam/photo', `a heat map cannot be laid over a picture [${shape}]`, {
    fix: 'pictures are [h, w, 1] or [h, w, 3]',
  })
}

const mix = (from: number, to: number, share: number): number => from + (to - from) * share

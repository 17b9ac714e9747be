import { tf } from '@espalier/core'
import type { Difference, GoldenCase } from '@espalier/testkit'
import { relight } from '../../src/augment/lighting.js'
import {
  brightness,
  contrast,
  grayscale,
  hsv2rgb,
  hue,
  intToFloat,
  normalize,
  rgb2hsv,
  saturation,
} from '../../src/index.js'
import { compareImages, compareNumbers, inScope, tensorOf } from './numbers.js'

const steps = { brightness: brightness(), contrast: contrast(), saturation: saturation(), hue: hue() }
const info = { kinds: ['image'], indices: [], place: { seed: 0, epoch: 0, split: 0 } }

/** One change of light, or several between one logit and one sigmoid. */
export function lightingCase(golden: GoldenCase): readonly Difference[] {
  const config = golden.json.config as Readonly<Record<string, readonly number[] | undefined>>
  const isStep = (k: string): k is keyof typeof steps => k in steps
  const listed = Object.keys(config).filter(isStep)
  const names = listed.length > 0 ? listed : golden.json.case.split('_').filter(isStep)
  return inScope(() => {
    const images = tensorOf(golden, 'image') as tf.Tensor4D
    const changes = names.map((k) => config[k] ?? config['draw']!)
    return [
      compareImages(
        golden,
        'image',
        relight(
          images,
          names.map((k) => steps[k]),
          changes,
        ),
      ),
    ]
  })
}

/** Colours as hue, saturation and value and back, and how bright they are. */
export function hsvCase(golden: GoldenCase): readonly Difference[] {
  return inScope(() => {
    const images = tensorOf(golden, 'image') as tf.Tensor4D
    const hsv = rgb2hsv(images)
    const found = { hsv, rgb: hsv2rgb(hsv), gray: grayscale(images) }
    return Object.entries(found).map(([key, t]) => compareImages(golden, key, t))
  })
}

/** Bytes to floats to normalized floats and back; statistics of a batch. */
export function normalizeCase(golden: GoldenCase): readonly Difference[] {
  const { mean, std, div, div_mask } = golden.json.config as {
    readonly mean: readonly number[]
    readonly std: readonly number[]
    readonly div: number
    readonly div_mask: number
  }
  return inScope(() => {
    const toFloat = intToFloat({ div, divMask: div_mask })
    const norm = normalize({ mean, std })
    const [float] = toFloat.encode([tensorOf(golden, 'image_u8')], info)
    const [normalized] = norm.encode([float!], info)
    const [decoded] = norm.decode!([normalized!], info)
    const [bytes] = toFloat.decode!([float!], info)
    const [mask] = toFloat.encode([tensorOf(golden, 'mask_u8')], { ...info, kinds: ['mask'] })
    const ofBatch = normalize()
    ofBatch.setup!([tf.concat([float!, tf.mul(float!, 0.5)])], info)
    const stats = ofBatch.toJSON!() as { readonly mean: unknown; readonly std: unknown }
    const want = golden.json.expected['stats_from_batch'] as typeof stats
    return [
      compareImages(golden, 'float', float!),
      compareImages(golden, 'normalized', normalized!),
      compareImages(golden, 'decoded', decoded!),
      compareImages(golden, 'decoded_int', bytes!),
      compareImages(golden, 'mask', mask!),
      compareNumbers(golden, 'mean of a batch', stats.mean, want.mean),
      compareNumbers(golden, 'std of a batch', stats.std, want.std),
    ]
  })
}

import type { TensorTransform } from '@espalier/core'
import { describe, EspalierError } from '@espalier/data'
import { type LightingTransform, lighting } from './lighting.js'
import type { LightingStep } from './lighting-steps.js'
import { type SpatialTransform, spatial } from './spatial.js'
import type { SpatialStep } from './spatial-steps.js'

/** A batch transform, or a step of {@link spatial} or {@link lighting} by itself. */
export type AugTransform = TensorTransform | SpatialStep | LightingStep

/**
 * Puts all geometry of a list into one {@link spatial} and all changes of light into one {@link lighting}, so that
 * pixels are interpolated once (fastai's `setup_aug_tfms`). Both keep the options of the first of their kind.
 *
 * @example
 * setupAugTfms([flip(), rotate({ maxDeg: 30 }), brightness(), hue(), randomErasing()])
 */
export function setupAugTfms(tfms: readonly AugTransform[]): readonly TensorTransform[] {
  for (const t of tfms) checkTransform(t)
  const placed = tfms.filter(isSpatial)
  const lit = tfms.filter(isLighting)
  const moves = tfms.flatMap((t) => (isSpatial(t) ? t.steps : isMove(t) ? [t] : []))
  const lights = tfms.flatMap((t) => (isLighting(t) ? t.steps : isLight(t) ? [t] : []))
  const size = placed.find((t) => t.options.size !== undefined)?.options.size
  return [
    ...(moves.length > 0 || size !== undefined
      ? [spatial(moves, { ...placed[0]?.options, ...(size !== undefined && { size }) })]
      : []),
    ...(lights.length > 0 ? [lighting(lights, lit[0]?.options)] : []),
    ...tfms.filter(isOther),
  ]
}

function isSpatial(t: AugTransform): t is SpatialTransform {
  return t.name === 'spatial' && 'steps' in t
}

function isLighting(t: AugTransform): t is LightingTransform {
  return t.name === 'lighting' && 'steps' in t
}

function isMove(t: AugTransform): t is SpatialStep {
  return 'acts' in t && (t.acts === 'affine' || t.acts === 'coordinates')
}

function isLight(t: AugTransform): t is LightingStep {
  return 'acts' in t && (t.acts === 'logit' || t.acts === 'colour')
}

function isOther(t: AugTransform): t is TensorTransform {
  return !isSpatial(t) && !isLighting(t) && !isMove(t) && !isLight(t)
}

function checkTransform(t: unknown): void {
  if (typeof t === 'object' && t !== null && ('encode' in t || 'acts' in t)) return
  throw new EspalierError('augment/transform', `${describe(t)} is no batch transform`, {
    fix:
      typeof t === 'function' && t.name
        ? `call it: ${t.name}()`
        : 'give transforms such as randomErasing(), or steps such as rotate() and hue()',
  })
}

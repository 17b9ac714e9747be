import type { Json } from '@espalier/data'
import type { Turn } from '../image/geometry.js'
import { type Draws, drawInt } from '../image/windows.js'
import { dihedralMatrix, flipMatrix, identity, type Matrix, rotateMatrix, zoomMatrix } from './matrix.js'
import { warpMatrix } from './warp.js'

/**
 * A kind of random geometry. `affine` steps are multiplied in their order; what a `coordinates` step does comes after
 * all of them (fastai's `aff_fs` and `coord_fs`).
 */
export interface SpatialStep {
  readonly name: string
  readonly acts: 'affine' | 'coordinates'
  /** What happens to one image. */
  draw(draws: Draws): Matrix
  toJSON(): { readonly [key: string]: Json }
}

/** Mirrors left to right with probability `p`. */
export function flip({ p = 0.5 } = {}): SpatialStep {
  return {
    name: 'flip',
    acts: 'affine',
    draw: (draws) => flipMatrix(draws.uniform() < p),
    toJSON: () => ({ name: 'flip', p }),
  }
}

/** With probability `p` one of the eight ways to lay a square on itself, among them the one that changes nothing. */
export function dihedral({ p = 0.5 } = {}): SpatialStep {
  return {
    name: 'dihedral',
    acts: 'affine',
    draw: (draws) => (draws.uniform() < p ? dihedralMatrix(drawInt(draws, 0, 7) as Turn) : identity),
    toJSON: () => ({ name: 'dihedral', p }),
  }
}

/** Turns by up to `maxDeg` degrees either way with probability `p`. */
export function rotate({ maxDeg = 10, p = 0.5 } = {}): SpatialStep {
  return {
    name: 'rotate',
    acts: 'affine',
    draw: (draws) => (draws.uniform() < p ? rotateMatrix(draws.uniform(-maxDeg, maxDeg)) : identity),
    toJSON: () => ({ name: 'rotate', maxDeg, p }),
  }
}

/** Enlarges between `minZoom` and `maxZoom` times around a random point with probability `p`. */
export function zoom({ minZoom = 1, maxZoom = 1.1, p = 0.5 } = {}): SpatialStep {
  return {
    name: 'zoom',
    acts: 'affine',
    draw: (draws) =>
      draws.uniform() < p
        ? zoomMatrix(draws.uniform(minZoom, maxZoom), [draws.uniform(), draws.uniform()])
        : identity,
    toJSON: () => ({ name: 'zoom', minZoom, maxZoom, p }),
  }
}

/** Tilts the view by up to `magnitude`, with probability `p` in each direction. */
export function warp({ magnitude = 0.2, p = 0.5 } = {}): SpatialStep {
  const tilt = (draws: Draws) => (draws.uniform() < p ? draws.uniform(-magnitude, magnitude) : 0)
  return {
    name: 'warp',
    acts: 'coordinates',
    draw: (draws) => warpMatrix(tilt(draws), tilt(draws)),
    toJSON: () => ({ name: 'warp', magnitude, p }),
  }
}

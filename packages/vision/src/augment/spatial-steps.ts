import { checkOptions, type Json } from '@espalier/data'
import type { Turn } from '../image/geometry.js'
import { checkNumber } from '../image/size-option.js'
import { type Draws, drawInt } from '../image/windows.js'
import { checkGiven, type Given, givenOr, givenToJson } from './given.js'
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

/** How often a step acts, and what is drawn where it does. */
export interface StepOptions {
  /** Probability that it acts. Default 0.5. */
  readonly p?: number
  /** In place of the random value. */
  readonly draw?: Given
}

/** Mirrors left to right with probability `p`; a given `draw` of 1 mirrors, 0 does not. */
export function flip(options: StepOptions = {}): SpatialStep {
  checkStep('flip', options, ['p', 'draw'])
  const { p = 0.5, draw } = options
  return {
    name: 'flip',
    acts: 'affine',
    draw: (draws) => flipMatrix(draws.uniform() < p && givenOr(draw, draws, () => 1) === 1),
    toJSON: () => ({ name: 'flip', p, ...givenToJson({ draw }) }),
  }
}

/** With probability `p` one of the eight ways to lay a square on itself, 0 to 7, among them the one that changes nothing. */
export function dihedral(options: StepOptions = {}): SpatialStep {
  checkStep('dihedral', options, ['p', 'draw'])
  const { p = 0.5, draw } = options
  if (typeof draw === 'number') checkTurn(draw)
  return {
    name: 'dihedral',
    acts: 'affine',
    draw: (draws) =>
      draws.uniform() < p
        ? dihedralMatrix(checkTurn(givenOr(draw, draws, () => drawInt(draws, 0, 7))))
        : identity,
    toJSON: () => ({ name: 'dihedral', p, ...givenToJson({ draw }) }),
  }
}

/** How far {@link rotate} turns. */
export interface RotateOptions extends StepOptions {
  /** In degrees, either way. Default 10. */
  readonly maxDeg?: number
}

/** Turns by up to `maxDeg` degrees either way with probability `p`. */
export function rotate(options: RotateOptions = {}): SpatialStep {
  checkStep('rotate', options, ['maxDeg', 'p', 'draw'])
  const { maxDeg = 10, p = 0.5, draw } = options
  return {
    name: 'rotate',
    acts: 'affine',
    draw: (draws) =>
      draws.uniform() < p
        ? rotateMatrix(givenOr(draw, draws, () => draws.uniform(-maxDeg, maxDeg)))
        : identity,
    toJSON: () => ({ name: 'rotate', maxDeg, p, ...givenToJson({ draw }) }),
  }
}

/** How much {@link zoom} enlarges, and around where. */
export interface ZoomOptions extends StepOptions {
  /** Default 1. */
  readonly minZoom?: number
  /** Default 1.1. */
  readonly maxZoom?: number
  /** The point that stays where it is, in fractions of width and height. Default: a random one. */
  readonly drawX?: Given
  readonly drawY?: Given
}

/** Enlarges between `minZoom` and `maxZoom` times around a random point with probability `p`. */
export function zoom(options: ZoomOptions = {}): SpatialStep {
  checkStep('zoom', options, ['minZoom', 'maxZoom', 'p', 'draw', 'drawX', 'drawY'])
  const { minZoom = 1, maxZoom = 1.1, p = 0.5, draw, drawX, drawY } = options
  checkNumber('zoom', 'minZoom', minZoom, [0.01, Number.POSITIVE_INFINITY])
  checkNumber('zoom', 'maxZoom', maxZoom, [minZoom, Number.POSITIVE_INFINITY])
  return {
    name: 'zoom',
    acts: 'affine',
    draw(draws) {
      if (draws.uniform() >= p) return identity
      const scale = givenOr(draw, draws, () => draws.uniform(minZoom, maxZoom))
      const x = givenOr(drawX, draws, () => draws.uniform())
      return zoomMatrix(scale, [x, givenOr(drawY, draws, () => draws.uniform())])
    },
    toJSON: () => ({ name: 'zoom', minZoom, maxZoom, p, ...givenToJson({ draw, drawX, drawY }) }),
  }
}

/** How far {@link warp} tilts. */
export interface WarpOptions {
  /** Default 0.2. */
  readonly magnitude?: number
  /** Probability of a tilt in each direction. Default 0.5. */
  readonly p?: number
  /** In place of the random tilts. */
  readonly drawX?: Given
  readonly drawY?: Given
}

/** Tilts the view by up to `magnitude`, with probability `p` in each direction. */
export function warp(options: WarpOptions = {}): SpatialStep {
  checkStep('warp', options, ['magnitude', 'p', 'drawX', 'drawY'])
  const { magnitude = 0.2, p = 0.5, drawX, drawY } = options
  const tilt = (draws: Draws, given: Given | undefined) =>
    draws.uniform() < p ? givenOr(given, draws, () => draws.uniform(-magnitude, magnitude)) : 0
  return {
    name: 'warp',
    acts: 'coordinates',
    draw: (draws) => warpMatrix(tilt(draws, drawX), tilt(draws, drawY)),
    toJSON: () => ({ name: 'warp', magnitude, p, ...givenToJson({ drawX, drawY }) }),
  }
}

function checkStep(of: string, options: object, known: readonly string[]): void {
  checkOptions(of, options, known)
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue
    if (name.startsWith('draw')) checkGiven(of, name, value)
    else checkNumber(of, name, value, [0, name === 'p' ? 1 : Number.POSITIVE_INFINITY])
  }
}

function checkTurn(turn: number): Turn {
  checkNumber('dihedral', 'draw', turn, [0, 7])
  return Math.floor(turn) as Turn
}

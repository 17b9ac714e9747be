import { tf, useEngine } from '@espalier/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { images, info } from '../../test/batches.js'
import { augTransforms } from './aug-transforms.js'
import { lighting } from './lighting.js'
import { brightness, hue, saturation } from './lighting-steps.js'
import { randomErasing } from './random-erasing.js'
import { randomResizedCropGpu } from './random-resized-crop-gpu.js'
import { setupAugTfms } from './setup-aug-tfms.js'
import { spatial } from './spatial.js'
import { dihedral, flip, rotate, type SpatialStep, warp, zoom } from './spatial-steps.js'

const stepsOf = (t: { toJSON?: () => object } | undefined) =>
  (t!.toJSON!() as { steps: readonly { name: string }[] }).steps.map((s) => s.name)

describe('setupAugTfms', () => {
  beforeAll(async () => {
    await useEngine('cpu')
  })

  it('makes one interpolation and one pass of light of any list', () => {
    const erase = randomErasing()
    const tfms = setupAugTfms([
      hue(),
      spatial([flip()], { size: 8, padMode: 'zeros' }),
      erase,
      rotate(),
      lighting([brightness()], { batch: true }),
      spatial([zoom()], { size: 12 }),
      warp(),
    ])
    expect(tfms.map((t) => t.name)).toEqual(['spatial', 'lighting', 'randomErasing'])
    expect(stepsOf(tfms[0])).toEqual(['flip', 'rotate', 'zoom', 'warp'])
    expect(tfms[0]!.toJSON!()).toMatchObject({ size: [8, 8], padMode: 'zeros' })
    expect(stepsOf(tfms[1])).toEqual(['hue', 'brightness'])
    expect(tfms[1]!.toJSON!()).toMatchObject({ batch: true })
    expect(tfms[2]).toBe(erase)
    expect(setupAugTfms([])).toEqual([])
  })

  it('lets augTransforms take more steps and transforms', () => {
    const tfms = augTransforms({
      size: 8,
      minScale: 0.8,
      mult: 0,
      xtraTfms: [rotate({ maxDeg: 90 }), saturation(), hue(), randomErasing()],
    })
    expect(tfms.map((t) => t.name)).toEqual(['spatial', 'lighting', 'randomResizedCropGpu', 'randomErasing'])
    expect(stepsOf(tfms[0])).toEqual(['flip', 'zoom', 'rotate'])
    expect(stepsOf(tfms[1])).toEqual(['saturation', 'hue'])
    expect(() => augTransforms({ xtraTfms: [hue as never] })).toThrow(
      'function hue is no batch transform\n  → call it: hue()',
    )
    expect(() => augTransforms({ xtraTfms: hue() as never })).toThrow('xtraTfms must be a list')
    expect(() => augTransforms({ max_rotate: 5 } as object)).toThrow('did you mean maxRotate?')
  })
})

describe('steps of geometry', () => {
  it('take what is given in place of a draw', () => {
    const moved = (step: SpatialStep) => {
      const [values] = tf.tidy(() => {
        const t = spatial([step]).encode([images([1])], info([1]))[0]!
        return [[...t.dataSync()]]
      })
      return values!
    }
    const still = moved(flip({ p: 0 }))
    expect(moved(flip({ p: 1, draw: 0 }))).toEqual(still)
    expect(moved(flip({ p: 1 }))).not.toEqual(still)
    expect(moved(rotate({ p: 1, draw: 0 }))).toEqual(still)
    const upsideDown = moved(rotate({ p: 1, draw: () => 180 }))
    for (const [i, v] of moved(dihedral({ p: 1, draw: 4 })).entries())
      expect(v).toBeCloseTo(upsideDown[i]!, 4)
    expect(moved(zoom({ p: 1, draw: 1 }))).toEqual(still)
    expect(moved(warp({ p: 1, drawX: 0, drawY: 0 }))).toEqual(still)
    expect(moved(warp({ p: 1, drawX: 0.1, drawY: 0 }))).not.toEqual(still)
    expect(zoom({ drawX: 0.5 }).toJSON()).toMatchObject({ drawX: 0.5 })
  })

  it.each<[make: () => unknown, message: string]>([
    [() => flip({ p: 2 }), 'flip: p must be a number from 0 to 1, got 2'],
    [() => rotate({ maxDeg: -1 }), 'rotate: maxDeg must be a number at least 0, got -1'],
    [() => rotate({ max_deg: 1 } as object), "rotate has no option 'max_deg'\n  → did you mean maxDeg?"],
    [() => zoom({ minZoom: 0 }), 'zoom: minZoom must be a number at least 0.01, got 0'],
    [() => zoom({ minZoom: 2 }), 'zoom: maxZoom must be a number at least 2, got 1.1'],
    [() => dihedral({ draw: 9 }), 'dihedral: draw must be a number from 0 to 7, got 9'],
    [
      () => warp({ drawX: Number.NaN }),
      'warp: drawX must be a number or a function that draws one, got number NaN',
    ],
    [() => spatial([], { pad: 'zeros' } as object), "spatial has no option 'pad'"],
    [
      () => randomResizedCropGpu(8, { ratio: [2, 1] }),
      'ratio must be the least and the most of width over height',
    ],
    [
      () => randomResizedCropGpu(8, { minScale: 0.9, maxScale: 0.5 }),
      'maxScale must be a number from 0.9 to 1',
    ],
  ])('refuse bad options', (make, message) => {
    expect(make).toThrow(message)
  })
})

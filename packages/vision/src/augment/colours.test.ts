import { tf, useEngine } from '@espalier/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { images, info } from '../../test/batches.js'
import { hsv2rgb, rgb2hsv } from './hsv.js'
import { lighting } from './lighting.js'
import { brightness, contrast, hue, saturation } from './lighting-steps.js'

beforeAll(async () => {
  await useEngine('cpu')
})

const colour = (...rgb: readonly number[]) => tf.tensor4d([...rgb], [1, 1, 1, 3])

describe('colours', () => {
  it.each([
    [
      [1, 0, 0],
      [0, 1, 1],
    ],
    [
      [0, 1, 0],
      [1 / 3, 1, 1],
    ],
    [
      [0, 0, 1],
      [2 / 3, 1, 1],
    ],
    [
      [0.5, 0.25, 0.25],
      [0, 0.5, 0.5],
    ],
    [
      [0.3, 0.3, 0.3],
      [0, 0, 0.3],
    ],
    [
      [0, 0, 0],
      [0, 0, 0],
    ],
  ] as const)('%j is hue, saturation and value %j', (rgb, hsv) => {
    tf.tidy(() => {
      const found = rgb2hsv(colour(...rgb))
      for (const [i, v] of found.dataSync().entries()) expect(v).toBeCloseTo(hsv[i]!, 5)
      for (const [i, v] of hsv2rgb(found).dataSync().entries()) expect(v).toBeCloseTo(rgb[i]!, 5)
    })
  })

  it('a third of the circle makes green of red, and leaves greys', () => {
    const before = tf.memory().numTensors
    tf.tidy(() => {
      const tfm = lighting([hue({ p: 1, draw: 1 / 3 })])
      const [y] = tfm.encode([tf.concat([colour(1, 0, 0), colour(0.4, 0.4, 0.4)])], info([0, 1]))
      for (const [i, v] of [0, 1, 0, 0.4, 0.4, 0.4].entries()) expect(y!.dataSync()[i]).toBeCloseTo(v, 5)
    })
    expect(tf.memory().numTensors).toBe(before)
  })

  it('hues move by at most their part of the circle', () => {
    tf.tidy(() => {
      const red = tf.concat(Array.from({ length: 40 }, () => colour(1, 0, 0)))
      const tfm = lighting([hue({ maxHue: 0.1, p: 1 })])
      const [y] = tfm.encode([red], info(Array.from({ length: 40 }, (_, i) => i)))
      const hues = tf.unstack(rgb2hsv(y as tf.Tensor4D)).map((t) => t.dataSync()[0]!)
      expect(hues.every((h) => h < 0.12 || h > 0.89)).toBe(true)
      expect(hues.some((h) => h < 0.12) && hues.some((h) => h > 0.89)).toBe(true)
    })
  })

  it('pictures of one channel keep their colours, others of no three refuse', () => {
    tf.tidy(() => {
      const grey = tf.fill([1, 2, 2, 1], 0.4)
      const colours = lighting([hue({ p: 1 })])
      expect(colours.encode([grey], info([0]))[0]).toBe(grey)
      const five = tf.fill([1, 2, 2, 5], 0.4)
      expect(() => colours.encode([five], info([0]))).toThrow(
        'hue changes colours, images [1,2,2,5] have 5 channels\n  → leave it out',
      )
      expect(() => lighting([saturation({ p: 1 })]).encode([five], info([0]))).toThrow('have 5 channels')
      const light = lighting([brightness({ p: 1 }), contrast({ p: 1 })])
      expect(light.encode([five], info([0]))[0]!.shape).toEqual([1, 2, 2, 5])
    })
  })

  it('steps take what is given in place of a draw', () => {
    tf.tidy(() => {
      const x = images([1, 2])
      const [y] = lighting([brightness({ p: 1, draw: 0.8 })]).encode([x], info([1, 2]))
      const before = x.dataSync()
      for (const [i, v] of y!.dataSync().entries()) {
        const odds = (before[i]! / (1 - before[i]!)) * 4
        if (before[i]! > 0.01 && before[i]! < 0.99) expect(v).toBeCloseTo(odds / (1 + odds), 4)
      }
    })
    expect(JSON.parse(JSON.stringify(contrast({ draw: (d) => d.uniform(1, 2) }).toJSON()))).toEqual({
      name: 'contrast',
      maxLighting: 0.2,
      p: 0.75,
      draw: 'draw',
    })
  })

  it('survives the strongest changes', () => {
    tf.tidy(() => {
      const steps = [
        brightness({ maxLighting: 1, p: 1 }),
        contrast({ maxLighting: 1, p: 1 }),
        hue({ maxHue: 1, p: 1 }),
      ]
      const indices = Array.from({ length: 30 }, (_, i) => i)
      const [y] = lighting(steps).encode([images(indices)], info(indices))
      expect(y!.dataSync().every((v) => v >= 0 && v <= 1)).toBe(true)
    })
  })

  it('says what is wrong with options', () => {
    expect(() => hue({ maxHue: 2 })).toThrow('hue: maxHue must be a number from 0 to 1, got 2')
    expect(() => hue({ max_hue: 0.1 } as object)).toThrow(
      "hue has no option 'max_hue'\n  → did you mean maxHue?",
    )
    expect(() => brightness({ draw: 'x' as never })).toThrow(
      'brightness: draw must be a number or a function',
    )
    expect(() => lighting([], { bach: true } as object)).toThrow("lighting has no option 'bach'")
  })
})

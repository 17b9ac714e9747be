import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { compile } from '../assembly/compile.mjs'
import { useEngine } from '../src/engine/engine.js'
import { composedForm } from '../src/engine/kernel.js'
import * as tf from '../src/engine/tf.js'
import { convOutputSize } from '../src/kernels/conv2d.js'
import { binary } from '../src/wasm/binary.js'
import { output, wasmBackend } from '../src/wasm/memory.js'

type Named = Readonly<Record<string, tf.Tensor>>

beforeAll(async () => {
  await useEngine('wasm')
})

/** Runs a kernel in its own form and as it is composed; returns the largest difference, relative to the largest number. */
function difference(name: string, inputs: Named, attrs: object): number {
  return tf.tidy(() => {
    const own = [
      tf.engine().runKernel<tf.Tensor | tf.Tensor[]>(name, inputs, attrs as tf.NamedAttrMap),
    ].flat()
    const composed = [composedForm(name)(inputs, attrs)].flat()
    expect(own.map((t) => t.shape)).toEqual(composed.map((t) => t.shape))
    return Math.max(
      ...own.map((t, i) => {
        const [got, want] = [t.dataSync(), composed[i]!.dataSync()]
        const scale = Math.max(1e-3, ...want.map(Math.abs))
        return Math.max(0, ...got.map((v, j) => Math.abs(v - want[j]!))) / scale
      }),
    )
  })
}

const random = (shape: readonly number[], seed: number): tf.Tensor =>
  tf.randomNormal([...shape], 0, 1, 'float32', seed)

const sizes = fc.record({
  b: fc.integer({ min: 1, max: 3 }),
  size: fc.tuple(fc.integer({ min: 1, max: 13 }), fc.integer({ min: 1, max: 13 })),
  kernel: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
  stride: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  dilation: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
  padding: fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 })),
  cIn: fc.integer({ min: 1, max: 13 }),
  cOut: fc.integer({ min: 1, max: 21 }),
})

describe('kernels of our own on wasm agree with their composed forms', () => {
  it.each(['dense', 'depthwise'])('the filter gradient of any %s convolution', (kind) => {
    fc.assert(
      fc.property(sizes, ({ b, size, kernel, cIn, cOut, ...geometry }) => {
        const groups = kind === 'dense' ? 1 : cIn
        const attrs = { ...geometry, groups }
        const out = convOutputSize(size, kernel, attrs)
        fc.pre(Math.min(...out) >= 1)
        const channels = kind === 'dense' ? cOut : cIn
        const filterShape = [...kernel, cIn / groups, channels]
        const x = random([b, ...size, cIn], 1)
        const dy = random([b, ...out, channels], 2)
        const found = difference('EspalierConv2dFilterGrad', { x, dy }, { ...attrs, filterShape })
        tf.dispose([x, dy])
        return found < 1e-5
      }),
      { numRuns: 60, seed: 7 },
    )
  })

  it('a filter gradient over more places than are gone through at a time', () => {
    const [x, dy] = [random([2, 60, 40, 20], 3), random([2, 60, 40, 24], 4)]
    const attrs = {
      stride: [1, 1],
      dilation: [1, 1],
      padding: [1, 1],
      groups: 1,
      filterShape: [3, 3, 20, 24],
    }
    expect(difference('EspalierConv2dFilterGrad', { x, dy }, attrs)).toBeLessThan(1e-5)
    tf.dispose([x, dy])
  })

  it('batch norm and its gradient', () => {
    const shape = fc.tuple(fc.integer({ min: 2, max: 40 }), fc.integer({ min: 1, max: 17 }))
    fc.assert(
      fc.property(shape, fc.integer({ min: -50, max: 50 }), ([rows, c], mean) => {
        const x = tf.tidy(() => tf.add(random([rows, 1, 1, c], 5), mean))
        const [weight, bias, dy] = [random([c], 6), random([c], 7), random(x.shape, 8)]
        const moments = tf.tidy(() => {
          const m = tf.moments(x, [0, 1, 2])
          return [m.mean, tf.mul(m.variance, rows / (rows - 1))] as const
        })
        const forward = difference('EspalierBatchNorm', { x, weight, bias }, { epsilon: 1e-5 })
        const gradInputs = { dy, x, weight, mean: moments[0], variance: moments[1] }
        const backward = difference('EspalierBatchNormGrad', gradInputs, { epsilon: 1e-5 })
        const given = { x, weight, bias, mean: moments[0], variance: moments[1] }
        const evaluated = difference('EspalierBatchNormEval', given, { epsilon: 1e-5 })
        tf.dispose([x, weight, bias, dy, ...moments])
        return forward < 2e-3 && backward < 2e-3 && evaluated < 2e-3
      }),
      { numRuns: 40, seed: 7 },
    )
  })

  it('the gradient of the rectifiers', () => {
    for (const n of [1, 3, 4, 31]) {
      const y = tf.tidy(() => tf.clipByValue(tf.mul(random([n], 9), 6), 0, 6))
      const dy = random([n], 10)
      expect(difference('EspalierReluGrad', { dy, y }, {})).toBe(0)
      expect(difference('EspalierReluGrad', { dy, y }, { max: 6 })).toBe(0)
      tf.dispose([y, dy])
    }
  })
})

describe('products of matrices on wasm', () => {
  it.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])('transposed or not (%s, %s), in batches too', (transposeA, transposeB) => {
    for (const [m, k, n] of [
      [3, 5, 7],
      [7, 5, 2],
    ] as const) {
      const [a, b] = [
        random(transposeA ? [2, k, m] : [2, m, k], 11),
        random(transposeB ? [2, n, k] : [2, k, n], 12),
      ]
      const [got, want] = tf.tidy(() => {
        const straight = (t: tf.Tensor, turned: boolean) => (turned ? tf.transpose(t, [0, 2, 1]) : t)
        const left = tf.reshape(straight(a, transposeA), [2, m, k, 1])
        const right = tf.reshape(straight(b, transposeB), [2, 1, k, n])
        const products = tf.sum(tf.mul(left, right), 2)
        return [tf.matMul(a, b, transposeA, transposeB).dataSync(), products.dataSync()]
      })
      expect(Math.max(...got.map((v, i) => Math.abs(v - want[i]!)))).toBeLessThan(1e-5)
      tf.dispose([a, b])
    }
  })
})

it('a copy shares the numbers until the last of it is gone', () => {
  const x = tf.tensor1d([1, 2, 3])
  const copies = [tf.clone(x), tf.clone(x)]
  const sums = tf.tidy(() => copies.map((c) => tf.sum(c).dataSync()[0]))
  x.dispose()
  copies[0]!.dispose()
  expect(sums).toEqual([6, 6])
  expect([...copies[1]!.dataSync()]).toEqual([1, 2, 3])
  copies[1]!.dispose()
})

it('memory that is full is an error with a fix, and what is there stays', () => {
  const full = /no room for \d+ bytes[\s\S]*smaller batches/
  const large = () => output([1 << 15, 1 << 15, 0.375])
  expect(() => tf.tidy(() => tf.fill([1 << 15, 1 << 15, 2], 0))).toThrow(full)
  expect(() => output([1 << 15, 1 << 14])).toThrow(full)
  const kept = [large(), large()]
  expect(large).toThrow(full)
  for (const { dataId } of kept) wasmBackend().disposeData(dataId)
  expect(tf.tidy(() => tf.sum(tf.ones([3])).dataSync()[0])).toBe(3)
})

it('what is shipped is what its source compiles to', async () => {
  const shipped = (await compile()).match(/'(.+)'/)?.[1]
  expect(binary).toBe(shipped)
})

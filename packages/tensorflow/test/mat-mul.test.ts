import { tf, useEngine } from '@espalier/core'
import { beforeAll, expect, it } from 'vitest'
import { describeNative } from './support/native.js'

const values = (rows: number, columns: number, seed: number) =>
  Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(seed + i * 1.7))

/** The product in double precision, from how the matrices lie. */
function expected(
  a: Float32Array,
  b: Float32Array,
  [rows, columns, inner]: readonly [number, number, number],
  [ta, tb]: readonly [boolean, boolean],
): Float64Array {
  const y = new Float64Array(rows * columns)
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++)
      for (let k = 0; k < inner; k++)
        y[i * columns + j]! +=
          a[ta ? k * rows + i : i * inner + k]! * b[tb ? j * inner + k : k * columns + j]!
  return y
}

const shapes = [
  [512, 1, 100],
  [512, 2, 100],
  [512, 3, 100],
  [512, 4, 100],
  [100, 2, 512],
  [100, 3, 512],
  [8, 2, 5],
  [1, 2, 40_000],
  [40_000, 2, 1],
  [1, 70, 900],
] as const
const ways = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
] as const

describeNative('products of matrices', () => {
  beforeAll(async () => {
    await useEngine('native')
  })

  it.each(shapes)('of %i rows, %i columns and %i between, however they lie', (rows, columns, inner) => {
    const [a, b] = [values(rows, inner, 1), values(inner, columns, 2)]
    for (const [ta, tb] of ways)
      tf.tidy(() => {
        const x = tf.tensor2d(a, ta ? [inner, rows] : [rows, inner])
        const w = tf.tensor2d(b, tb ? [columns, inner] : [inner, columns])
        const y = tf.matMul(x, w, ta, tb).dataSync()
        const want = expected(a, b, [rows, columns, inner], [ta, tb])
        const off = want.reduce((most, v, i) => Math.max(most, Math.abs(v - y[i]!)), 0)
        expect(off).toBeLessThan(1e-6 + 3e-7 * inner)
      })
  })

  it('let what is no number stay in its row and its column', () => {
    const [rows, columns, inner] = [512, 2, 100]
    tf.tidy(() => {
      const [a, b] = [values(rows, inner, 1), values(inner, columns, 2)]
      a[3 * inner + 7] = Number.NaN
      b[9 * columns + 1] = Number.NaN
      const y = tf.matMul(tf.tensor2d(a, [rows, inner]), tf.tensor2d(b, [inner, columns])).dataSync()
      const wrong = [...y.keys()].filter(
        (i) => Number.isNaN(y[i]) !== (i % columns === 1 || i === 3 * columns),
      )
      expect(wrong).toEqual([])
    })
  })
})

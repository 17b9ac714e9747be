import { beforeAll, expect, it } from 'vitest'
import { useEngine } from '../engine/engine.js'
import { record } from '../engine/tape.js'
import * as tf from '../engine/tf.js'
import { embedColumns } from './embed-columns.js'
import { embed } from './embedding.js'

beforeAll(async () => {
  await useEngine('cpu')
})

it('is as many lookups with numbers beside them, and so is its gradient', () => {
  tf.tidy(() => {
    const tables = [tf.randomNormal([4, 3]), tf.randomNormal([5, 2])] as tf.Tensor2D[]
    const codes = tf.tensor2d([0, 4, 3, 1, 0, 2], [3, 2], 'int32')
    const beside = tf.randomNormal([3, 2]) as tf.Tensor2D
    const wanted = [...tables, beside]
    const weights = tf.randomNormal([3, 7])
    const gradients = (f: () => tf.Tensor) => {
      const { result, tape } = record(() => tf.sum(tf.mul(f(), weights)))
      return [result, ...tape.backward(result, wanted)].map((t) => [...t!.dataSync()])
    }
    const column = (i: number) =>
      tf.tensor1d(
        [...codes.dataSync()].filter((_, k) => k % 2 === i),
        'int32',
      )
    const composed = () => tf.concat([...tables.map((t, i) => embed(t, column(i))), beside], 1)
    const [ours, theirs] = [gradients(() => embedColumns(tables, codes, beside)), gradients(composed)]
    for (const [i, numbers] of ours.entries())
      for (const [k, v] of numbers.entries()) expect(v).toBeCloseTo(theirs[i]![k]!, 5)
  })
})

it('refuses numbers of other rows', () => {
  tf.tidy(() => {
    const codes = tf.tensor2d([0, 1], [2, 1], 'int32')
    const table = tf.ones<tf.Rank.R2>([2, 3])
    expect(() => embedColumns([table], codes, tf.ones<tf.Rank.R2>([3, 1]))).toThrow(
      '2 rows of codes, and beside them [3,1]',
    )
  })
})

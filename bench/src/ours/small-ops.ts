import { tf } from '@espalier/core'
import { summarizeSteps } from '../statistics.js'
import type { Found } from './work.js'

const [warmup, steps, ops] = [2, 20, 1000]

/** A chain of additions of four numbers each: what an operation costs besides its arithmetic. */
export async function smallOps(): Promise<Found> {
  const seconds = Array.from({ length: warmup + steps }, () => {
    const began = performance.now()
    tf.tidy(() => {
      const one = tf.ones([4])
      let x: tf.Tensor = tf.zeros([4])
      for (let i = 0; i < ops; i++) x = tf.add(x, one)
      if (x.dataSync()[0] !== ops) throw new Error(`${ops} additions of 1 gave ${x.dataSync()[0]}`)
    })
    return (performance.now() - began) / 1000
  })
  return { ...summarizeSteps(seconds, warmup, ops), items: 'operations' }
}

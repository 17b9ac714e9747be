import { type EngineName, record, tf, useEngine } from '@espalier/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { compare } from '../golden/compare.js'
import type { GoldenCase } from '../golden/golden-case.js'
import { caseNames, readCase } from '../golden/read.js'
import { type Named, operations, toTensor } from './operations.js'

/** Where the repository keeps its golden cases. */
export const goldenFolder = new URL('../../../../testdata/golden', import.meta.url).pathname

/**
 * The contract of every kernel: torch's numbers forward and backward, finite differences, and the same bits when
 * run again. Each engine runs it in a test file of one line.
 */
export function kernelConformance(engine: EngineName): void {
  describe(`kernels on ${engine}`, () => {
    beforeAll(async () => {
      await useEngine(engine)
    })
    for (const name of caseNames(goldenFolder, 'kernels')) {
      const golden = readCase(goldenFolder, 'kernels', name)
      const { grads, kinks } = golden.json.config as {
        readonly grads: readonly string[]
        readonly kinks?: boolean
      }
      it(`${name} agrees with torch, twice to the bit`, () => agrees(golden))
      if (grads.length > 0 && !kinks)
        it(`${name} has the gradient that finite differences find`, () => differences(golden))
    }
  })
}

type Numbers = { readonly shape: readonly number[]; readonly values: Float32Array }

function agrees(golden: GoldenCase): void {
  const once = compute(golden)
  for (const [key, got] of once) {
    const result = compare(key, got, golden.expected(key))
    expect(result.ok, result.message).toBe(true)
  }
  expect([...once.keys()].sort()).toEqual(Object.keys(golden.json.expected).sort())
  for (const [key, again] of compute(golden)) {
    expect(
      Buffer.from(again.values.buffer).equals(Buffer.from(once.get(key)!.values.buffer)),
      `${key}: same bits`,
    ).toBe(true)
  }
}

/** The outputs of a case and, of the first one times `r`, summed, the gradients. */
function compute(golden: GoldenCase, inputs: Named = inputsOf(golden)): Map<string, Numbers> {
  const { op, options, grads } = golden.json.config as { op: string; options: object; grads: string[] }
  const results = new Map<string, Numbers>()
  const { r, ...args } = inputs
  try {
    tf.tidy(() => {
      const wanted = grads.map((g) => args[g]!)
      const { result, tape } = record(() => {
        const outputs = operations[op]!(args, options)
        return { ...outputs, loss: r ? tf.sum(tf.mul(Object.values(outputs)[0]!, r)) : tf.scalar(0) }
      })
      for (const [key, t] of Object.entries(result)) if (key !== 'loss') results.set(key, numbers(t))
      tape.backward(result.loss, wanted).forEach((g, i) => {
        results.set(`grad.${grads[i]}`, numbers(g!))
      })
    })
  } finally {
    tf.dispose(inputs as tf.NamedTensorMap)
  }
  return results
}

function inputsOf(golden: GoldenCase): Named {
  return Object.fromEntries(Object.keys(golden.json.inputs ?? {}).map((k) => [k, toTensor(golden.input(k))]))
}

const numbers = (t: tf.Tensor): Numbers => ({ shape: t.shape, values: t.dataSync() as Float32Array })

/** Moves a few elements of each input and compares the change of the loss with the gradient (relative 1e-2). */
function differences(golden: GoldenCase): void {
  const { grads } = golden.json.config as { readonly grads: readonly string[] }
  const analytic = compute(golden)
  const r = golden.input('r').data
  const lossAt = (name: string, i: number, by: number): number => {
    const inputs = Object.fromEntries(
      Object.keys(golden.json.inputs!).map((k) => {
        const array = golden.input(k)
        if (k === name) array.data[i]! += by
        return [k, toTensor(array)]
      }),
    )
    const y = [...compute(golden, inputs).values()][0]!.values
    return y.reduce((sum, v, j) => sum + v * r[j]!, 0)
  }
  for (const name of grads) {
    const grad = analytic.get(`grad.${name}`)!.values
    const scale = Math.max(...grad.map(Math.abs), 1e-2)
    const step = 4e-3 * Math.max(...[...golden.input(name).data].map(Math.abs))
    let compared = 0
    for (const i of spread(grad.length, 8)) {
      const [below, here, above] = [lossAt(name, i, -step), lossAt(name, i, 0), lossAt(name, i, step)]
      // Where the slopes on both sides differ there is a kink (a maximum changes place), and no derivative.
      if (Math.abs(above - here - (here - below)) / step > 0.05 * scale) continue
      const slope = (above - below) / (2 * step)
      expect(
        Math.abs(slope - grad[i]!) / scale,
        `d/d${name}[${i}]: ${grad[i]} against ${slope}`,
      ).toBeLessThan(1e-2)
      compared++
    }
    expect(compared, `elements of ${name} that could be compared`).toBeGreaterThan(0)
  }
}

/** Up to `n` positions spread over an array. */
function spread(length: number, n: number): number[] {
  return [
    ...new Set(Array.from({ length: n }, (_, k) => Math.floor((k * (length - 1)) / Math.max(1, n - 1)))),
  ]
}

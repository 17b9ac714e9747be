import { record, tf } from '@espalier/core'
import { type GoldenCase, operations, toTensor } from '@espalier/testkit'
import { type Check, checkTensor } from '../check.js'

/** One kernel, forward and backward. */
export function runKernel(golden: GoldenCase): Check[] {
  const { op, options, grads } = golden.json.config as { op: string; options: object; grads: string[] }
  const checks: Check[] = []
  tf.tidy(() => {
    const { r, ...args } = Object.fromEntries(
      Object.keys(golden.json.inputs ?? {}).map((k) => [k, toTensor(golden.input(k))]),
    )
    const { result, tape } = record(() => {
      const outputs = operations[op]!(args, options)
      return {
        outputs: { ...outputs },
        loss: r ? tf.sum(tf.mul(Object.values(outputs)[0]!, r)) : tf.scalar(0),
      }
    })
    for (const [key, t] of Object.entries(result.outputs)) checks.push(checkTensor(golden, key, t))
    const found = tape.backward(
      result.loss,
      grads.map((g) => args[g]!),
    )
    for (const [i, g] of grads.entries()) checks.push(checkTensor(golden, `grad.${g}`, found[i]!))
  })
  return checks
}

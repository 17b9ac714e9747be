import { EspalierError, reasonOf } from '@espalier/data'
import { dataTypes } from '../../src/binding/data-types.js'
import type { Values } from '../../src/binding/tensors.js'
import { newBinding } from '../support/binding.js'
import { type Argument, type HostileCall, hostileCall, templates } from './calls.js'

// Run by fuzz.test.ts in a process of its own: an abort inside libtensorflow would end it.
const [from, to] = process.argv.slice(2).map(Number) as [number, number]
const binding = newBinding()
const results = { ok: 0, refused: 0, untyped: [] as string[], wrong: [] as string[] }

for (const [name, attributes, inputs, outputs = 1] of templates) {
  const problem = attempt({ name, attributes, inputs, outputs })
  if (problem) results.wrong.push(`${name}: ${reasonOf(problem)}`)
}
for (let index = from; index < to; index++) {
  const call = hostileCall(20260, index)
  const problem = attempt(call)
  if (!problem) results.ok++
  else if (problem instanceof EspalierError) results.refused++
  else results.untyped.push(`call ${index}, ${call.name}: ${reasonOf(problem)}`)
}
console.log(JSON.stringify({ ...results, left: binding.getNumOfTensors() }))

/** Runs a call and gives back all it made; returns what it threw. */
function attempt({ name, attributes, inputs, outputs }: HostileCall): unknown {
  const ids: number[] = []
  try {
    for (const input of inputs) ids.push(binding.createTensor(input.shape, input.dtype, valuesOf(input)))
    for (const { id } of binding.executeOp(name, attributes, ids, outputs)) ids.push(id)
    return undefined
  } catch (error) {
    return error
  } finally {
    for (const id of ids) binding.deleteTensor(id)
  }
}

function valuesOf({ shape, dtype, values }: Argument): Values {
  if (values) return values
  const size = shape.reduce((n, d) => n * d, 1)
  if (dtype === dataTypes.string) return new Array<string>(size).fill('a')
  if (dtype === dataTypes.complex64) return new Float32Array(2 * size).fill(1)
  return new Array<number>(size).fill(1)
}

import {
  type AnyModule,
  BatchNorm,
  Dropout,
  Linear,
  loadStateDict,
  ReLU,
  type SafeTensor,
  Sequential,
} from '@espalier/core'
import type { GoldenCase } from '@espalier/testkit'

/** Builds the model that a case writes out in its `config.model`: nested `Sequential(…)` of small layers. */
export function buildModel(text: string): Sequential<never[], unknown> {
  return build(text.split(';')[0]!.replaceAll(' ', '')) as Sequential<never[], unknown>
}

function build(text: string): AnyModule {
  const [, name, inner = ''] = /^(\w+)(?:\((.*)\))?$/.exec(text) ?? []
  const numbers = inner.split(',').map(Number) as [number, number]
  switch (name) {
    case 'Sequential':
      return new Sequential(layersOf(inner).map(build))
    case 'Linear':
      return new Linear(...numbers)
    case 'BatchNorm1d':
      return new BatchNorm(numbers[0], { ndim: 1 })
    case 'Dropout':
      return new Dropout(numbers[0])
    case 'ReLU':
      return new ReLU()
    default:
      throw new Error(`the golden runner cannot build '${text}'`)
  }
}

/** Splits at the commas between layers. */
function layersOf(text: string): string[] {
  const parts: string[] = ['']
  let depth = 0
  for (const c of text) {
    if (c === '(') depth++
    if (c === ')') depth--
    if (c === ',' && depth === 0) parts.push('')
    else parts[parts.length - 1] += c
  }
  return parts
}

/** Gives a module the weights of a case's formula. `rename` maps a key of the case to ours, or leaves it out. */
export function loadFormula(
  module: AnyModule,
  golden: GoldenCase,
  rename: (key: string) => string | undefined = (k) => k,
): void {
  loadStateDict(module, formulaWeights(golden, rename))
}

/** The weights of a case's formula as a state dict. */
export function formulaWeights(
  golden: GoldenCase,
  rename: (key: string) => string | undefined = (k) => k,
): Map<string, SafeTensor> {
  const dict = new Map<string, SafeTensor>()
  for (const [key, { data, shape }] of golden.weights()) {
    const name = rename(key)
    if (name !== undefined)
      dict.set(name, {
        dtype: 'F32',
        shape,
        bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
      })
  }
  return dict
}

import {
  type AnyModule,
  BatchNorm,
  Dropout,
  Flatten,
  Linear,
  loadStateDict,
  type SafeTensor,
  Sequential,
} from '@espalier/core'
import type { GoldenCase } from '@espalier/testkit'
import { activation } from './activations.js'
import { bound, type PythonValue, parseCalls } from './python-call.js'

/** Builds the model that a case writes out in its `config.model`: nested `Sequential(…)` of small layers. */
export function buildModel(text: string): Sequential<never[], unknown> {
  return build(text.split(';')[0]!) as Sequential<never[], unknown>
}

function build(text: string): AnyModule {
  const call = parseCalls(text)[0]!
  const { name, args } = call
  if (name === 'Sequential') return new Sequential(args.map((layer) => build(layer as string)))
  if (name === 'Linear') {
    const { n_in, n_out, bias = true } = bound(call, ['n_in', 'n_out', 'bias']) as Numbers & { bias?: boolean }
    return new Linear(n_in!, n_out!, { bias })
  }
  if (name === 'BatchNorm1d') {
    const { n, eps = 1e-5, momentum = 0.1 } = bound(call, ['n', 'eps', 'momentum']) as Numbers
    return new BatchNorm(n!, { ndim: 1, eps, momentum })
  }
  if (name === 'Dropout') return new Dropout((bound(call, ['p']) as Numbers)['p'])
  if (name === 'Flatten') return new Flatten()
  return activation(text)
}

type Numbers = Readonly<Record<string, number | undefined>>

/** The weights of a case's formula as a state dict. */
export function formulaWeights(golden: GoldenCase): Map<string, SafeTensor> {
  const dict = new Map<string, SafeTensor>()
  for (const [key, { data, shape }] of golden.weights()) {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    dict.set(key, { dtype: 'F32', shape, bytes })
  }
  return dict
}

/** Gives a module the weights of a case's formula. */
export function loadFormula(module: AnyModule, golden: GoldenCase): void {
  loadStateDict(module, formulaWeights(golden))
}

/** What a case passes as `None` is left out. */
export function given(options: Readonly<Record<string, PythonValue>>): Record<string, PythonValue> {
  return Object.fromEntries(Object.entries(options).filter(([, v]) => v !== null))
}

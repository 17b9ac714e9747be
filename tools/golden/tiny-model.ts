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
import { bound, parseCalls } from './python-call.js'

/** Builds the model that a case writes out in its `config.model`: nested `Sequential(…)` of small layers. */
export function buildModel(text: string): Sequential<never[], unknown> {
  return buildLayer(text.split(';')[0]!) as Sequential<never[], unknown>
}

/** Builds one layer as torch prints or Python makes it: `Linear(5, 8)`, `Dropout(p=0.0)`, `ReLU`. */
export function buildLayer(text: string): AnyModule {
  const call = parseCalls(text)[0]!
  const numbers = (...names: string[]) => bound(call, names) as Record<string, number | undefined>
  switch (call.name) {
    case 'Sequential':
      return new Sequential(call.args.map((layer) => buildLayer(layer as string)))
    case 'Linear': {
      const { bias, ...sizes } = bound(call, ['in_features', 'out_features', 'bias'])
      return new Linear(sizes['in_features'] as number, sizes['out_features'] as number, {
        bias: bias !== false,
      })
    }
    case 'BatchNorm1d': {
      const { num_features: n, ...options } = numbers('num_features', 'eps', 'momentum')
      return new BatchNorm(n!, { ndim: 1, ...options })
    }
    case 'Dropout':
      return new Dropout(numbers('p')['p'])
    case 'Flatten':
      return new Flatten()
    default:
      return activation(text)
  }
}

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

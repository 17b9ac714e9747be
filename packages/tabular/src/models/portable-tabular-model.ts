import {
  type AnyModule,
  GELU,
  Identity,
  Mish,
  ReLU,
  ReLU6,
  registerPart,
  Sigmoid,
  Swish,
  Tanh,
  withoutInit,
} from '@espalier/core'
import { EspalierError, type Json, type Portable } from '@espalier/data'
import type { TabularModelOptions } from './tabular-model.js'

const acts: Readonly<Record<string, () => AnyModule>> = {
  ReLU: () => new ReLU({ inplace: true }),
  ReLU6: () => new ReLU6(),
  Sigmoid: () => new Sigmoid(),
  Tanh: () => new Tanh(),
  Identity: () => new Identity(),
  GELU: () => new GELU(),
  Mish: () => new Mish(),
  Swish: () => new Swish(),
}

/** How a model of tables is written into a bundle: its sizes and options, the activation by its name. */
export function portableTabularModel(name: string, { act, ...options }: TabularModelOptions): Portable {
  if (act === undefined) return { name, toJSON: () => options as unknown as { [key: string]: Json } }
  const { kind } = act()
  if (Object.hasOwn(acts, kind)) return { name, toJSON: () => ({ ...options, act: kind }) as never }
  return {
    name,
    untold: {
      why: `its activation ${kind} is not one that a bundle can name`,
      fix: `use ${Object.keys(acts).join(', ')}, or give the learner portable: { name, toJSON } and registerPart('model', name, …)`,
    },
  }
}

/** Lets bundles name a kind of model of tables. */
export function registerTabularModel(name: string, make: (options: TabularModelOptions) => AnyModule): void {
  registerPart('model', name, ({ act, ...options }: Omit<TabularModelOptions, 'act'> & { act?: unknown }) => {
    checkSizes(options)
    return withoutInit(() => make({ ...options, ...(act !== undefined && { act: actOf(act) }) }))
  })
}

function actOf(name: unknown): () => AnyModule {
  if (typeof name === 'string' && Object.hasOwn(acts, name)) return acts[name]!
  throw new EspalierError('bundle/act', `the model asks for the activation ${JSON.stringify(name)}`)
}

/** The sizes come from a file: none may ask for more memory than a table's model can need. */
function checkSizes({ embSzs, layers, nCont, outSz }: Omit<TabularModelOptions, 'act'>): void {
  if (!Array.isArray(embSzs) || !Array.isArray(layers)) return // The model says what is wrong with it.
  const nIn = embSzs.reduce((sum, [, d]) => sum + d, nCont)
  const sizes = [nIn, ...layers, outSz]
  const values = sizes.reduce((sum, n, i) => sum + n * (sizes[i + 1] ?? 1), 0)
  const vectors = embSzs.reduce((sum, [n, d]) => sum + n * d, 0)
  if (layers.length < 64 && embSzs.length < 100_000 && values + vectors < 2 ** 30) return
  throw new EspalierError(
    'bundle/size',
    `the model asks for ${values + vectors} weights, more than can be meant`,
    {
      fix: 'the file is damaged, or was tampered with',
    },
  )
}

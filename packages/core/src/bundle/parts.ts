import {
  type BatchTransform,
  type BeforeBatch,
  Categorize,
  EncodedMultiCategorize,
  EspalierError,
  type ItemTransform,
  type Json,
  MultiCategorize,
  RegressionSetup,
  reasonOf,
  type Target,
  type Transform,
} from '@espalier/data'
import { combinedFrom } from '../losses/combined.js'
import { lossesByName } from '../losses/default-loss.js'
import type { Loss } from '../losses/loss.js'
import { plainLoss } from '../losses/plain-loss.js'
import type { AnyModule } from '../nn/module.js'
import type { PartSpec } from './manifest.js'

type Options = Readonly<Record<string, Json>>

/** What a bundle can name, by kind: only what was registered in code is ever made. */
export interface PartKinds {
  model: AnyModule | Promise<AnyModule>
  transform: Transform
  target: Transform & Target
  loss: Loss
  itemTransform: ItemTransform
  beforeBatch: BeforeBatch
  batchTransform: BatchTransform
}
/** One of the kinds in {@link PartKinds}. */
export type PartKind = keyof PartKinds

const factories = new Map<string, (options: never) => unknown>()

/**
 * Lets bundles name a part: `make` gets the options that the part's `toJSON` wrote.
 *
 * @example
 * registerPart('itemTransform', 'invert', () => invert())
 */
export function registerPart<K extends PartKind>(
  kind: K,
  name: string,
  make: (options: never) => PartKinds[K],
): void {
  factories.set(`${kind}:${name}`, make)
}

/** Makes a part that a bundle names. */
export function makePart<K extends PartKind>(kind: K, { name, options }: PartSpec): PartKinds[K] {
  const make = factories.get(`${kind}:${name}`) as ((options: Options) => PartKinds[K]) | undefined
  if (make) return made(kind, name, () => make(options))
  const known = [...factories.keys()]
    .filter((key) => key.startsWith(`${kind}:`))
    .map((key) => key.slice(kind.length + 1))
  throw new EspalierError(
    'bundle/unknown-part',
    `the model needs the ${kind} '${name}', which is not known here`,
    {
      fix: `import the package it comes from, or registerPart('${kind}', '${name}', …); known: ${known.join(', ')}`,
    },
  )
}

function made<T>(kind: string, name: string, make: () => T): T {
  try {
    return make()
  } catch (error) {
    throw new EspalierError(
      'bundle/part',
      `the options of the ${kind} '${name}' are not valid: ${reasonOf(error)}`,
      { fix: 'export the model again with learn.export', cause: error },
    )
  }
}

registerPart(
  'target',
  'categorize',
  ({ vocab, addNa }: { vocab?: string[]; addNa?: boolean }) =>
    new Categorize({ vocab: vocab ?? [], addNa: addNa === true }),
)
registerPart(
  'target',
  'multiCategorize',
  ({ vocab, addNa, thresh }: { vocab?: string[]; addNa?: boolean; thresh?: number }) =>
    new MultiCategorize({
      vocab: vocab ?? [],
      addNa: addNa === true,
      ...(thresh !== undefined && { thresh }),
    }),
)
registerPart(
  'target',
  'encodedMultiCategorize',
  ({ vocab, thresh }: { vocab?: string[]; thresh?: number }) =>
    new EncodedMultiCategorize({ vocab: vocab ?? [], ...(thresh !== undefined && { thresh }) }),
)
registerPart(
  'target',
  'regressionSetup',
  ({ nOut }: { nOut?: number }) => new RegressionSetup({ nOut: nOut ?? 1 }),
)

for (const [name, make] of Object.entries(lossesByName)) registerPart('loss', name, make)
registerPart('loss', 'combined', combinedFrom)
registerPart('loss', plainLoss.name, () => plainLoss)

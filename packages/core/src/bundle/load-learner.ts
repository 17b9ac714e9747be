import {
  DataLoader,
  DataLoaders,
  Datasets,
  describe,
  EspalierError,
  type NdArray,
  Pipeline,
  type Target,
} from '@espalier/data'
import { useEngine } from '../engine/engine.js'
import { readSafetensors } from '../io/safetensors.js'
import { loadStateDict } from '../io/state-dict.js'
import { Learner } from '../learner/learner.js'
import type { AnyModule } from '../nn/module.js'
import { platform } from '../platform.js'
import { parseManifest } from './manifest.js'
import { makePart } from './parts.js'
import { sha256 } from './sha256.js'

/** Where the files of a bundle come from: a folder, or a function that fetches one by its name. */
export type BundleSource = string | ((file: 'model.json' | 'weights.safetensors') => Promise<Uint8Array>)

/**
 * A learner that predicts, from what `learn.export` wrote (fastai's `load_learner`). Opening a model runs no code of
 * its own: its files are data, checked against a closed schema and their hash, and name only parts that were
 * registered in code.
 */
export async function loadLearner<P = unknown>(source: BundleSource): Promise<Learner<AnyModule, P>> {
  const read = reader(source)
  await useEngine()
  try {
    return await opened<P>(read)
  } catch (error) {
    if (typeof source !== 'string' || !(error instanceof EspalierError) || error.message.includes(source)) {
      throw error
    }
    throw new EspalierError(error.code, `cannot load '${source}': ${error.message}`, { cause: error })
  }
}

async function opened<P>(read: Exclude<BundleSource, string>): Promise<Learner<AnyModule, P>> {
  const manifest = await parseManifest(await read('model.json'))
  const weights = await read('weights.safetensors')
  const hash = await sha256(weights)
  if (hash !== manifest.weights.sha256) {
    throw new EspalierError(
      'bundle/damaged',
      `weights.safetensors has the sha256 ${hash.slice(0, 12)}…, model.json says ${manifest.weights.sha256.slice(0, 12)}…`,
      {
        fix: 'copy or export the model again',
      },
    )
  }
  const pipelines = manifest.inputs.map(
    (parts) => new Pipeline<never>(parts.map((p) => makePart('transform', p))),
  )
  const target = makePart('target', manifest.target)
  const dls = emptyLoaders<P>([...pipelines, new Pipeline<never>([target])], target as unknown as Target<P>, {
    itemTfms: manifest.itemTfms.map((p) => makePart('itemTransform', p)),
    beforeBatch: (manifest.beforeBatch ?? []).map((p) => makePart('beforeBatch', p)),
    batchTfms: manifest.batchTfms.map((p) => makePart('batchTransform', p)),
    nInp: pipelines.length,
  })
  const lossFunc = manifest.loss && makePart('loss', manifest.loss)
  const model = await makePart('model', manifest.model)
  model.portable ??= { name: manifest.model.name, toJSON: () => manifest.model.options }
  try {
    loadStateDict(model, readSafetensors(weights).tensors)
  } catch (error) {
    model[Symbol.dispose]()
    throw error
  }
  return new Learner<AnyModule, P>(dls, model, { verbose: false, ...(lossFunc && { lossFunc }) })
}

function reader(source: BundleSource): Exclude<BundleSource, string> {
  if (typeof source === 'function') return source
  if (typeof source === 'string' && source !== '' && !/^\w+:\/\//.test(source)) {
    return (file) =>
      platform()
        .readFile(`${source}/${file}`)
        .catch((error) => explain(source, file, error))
  }
  throw new EspalierError('bundle/source', `a model is loaded from a folder, got ${describe(source)}`, {
    fix:
      typeof source === 'string' && source !== ''
        ? 'for an address give a function: async (file) => new Uint8Array(await (await fetch(address + file)).arrayBuffer())'
        : "say loadLearner('breeds'): the folder that learn.export wrote",
  })
}

/** What a user did is told, not which of the files could not be read first. */
async function explain(folder: string, file: string, error: unknown): Promise<never> {
  const { exists, listDir } = platform()
  const there = await exists(folder).catch(() => false)
  const names = there ? await listDir(folder).catch(() => undefined) : undefined
  if (names?.includes(file)) throw error
  const [problem, fix] = !there
    ? ['there is no such folder', 'check the path; learn.export wrote it']
    : names
      ? [`it holds no ${file}`, 'give the folder that learn.export wrote']
      : ['it is a file', 'give the folder that it lies in']
  throw new EspalierError('bundle/none', `there is no exported model in '${folder}': ${problem}`, {
    fix,
    cause: error,
  })
}

/** Loaders without items that know how to prepare new ones. */
function emptyLoaders<P>(
  pipelines: readonly Pipeline<never>[],
  target: Target<P>,
  options: ConstructorParameters<typeof DataLoader>[1] & { readonly nInp: number },
): DataLoaders<readonly NdArray[], P, unknown> {
  const datasets = new Datasets<never>([], pipelines, [[], []], options.nInp)
  const loader = (split: number) =>
    new DataLoader(split === 0 ? datasets.train : datasets.valid, { ...options, split })
  return new DataLoaders<readonly NdArray[], P, unknown>(loader(0), loader(1), { datasets, target })
}

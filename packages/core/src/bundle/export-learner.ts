import { describe, EspalierError, listed, type Portable } from '@espalier/data'
import { writeSafetensors } from '../io/safetensors.js'
import { stateDict } from '../io/state-dict.js'
import type { Learner } from '../learner/learner.js'
import { plainLoss } from '../losses/plain-loss.js'
import { platform } from '../platform.js'
import { bundleVersion, type Manifest, type PartSpec } from './manifest.js'
import { modelCard } from './model-card.js'
import { sha256 } from './sha256.js'

/**
 * Writes what prediction needs into a folder (fastai's `export`, without its pickle): weights, vocabulary, transforms
 * and a card, all of it data. What is there already is replaced at once, when everything has been written.
 */
export async function exportLearner(learn: Learner, folder: string): Promise<void> {
  learn.usage.alive()
  const { writeFileAtomic, removeTree, rename, exists } = platform()
  const path = checkedPath(folder)
  await checkPlace(path)
  const weights = writeSafetensors(stateDict(learn.model), { format: 'espalier-model' })
  const manifest = manifestOf(learn, { bytes: weights.length, sha256: await sha256(weights) })
  const [fresh, old] = [`${path}.exporting`, `${path}.replaced`]
  for (const place of [fresh, old]) await checkPlace(place)
  const text = (s: string) => new TextEncoder().encode(s)
  let moved = false
  try {
    await removeTree(fresh)
    await writeFileAtomic(`${fresh}/weights.safetensors`, weights)
    await writeFileAtomic(`${fresh}/model.json`, text(`${JSON.stringify(manifest, null, 2)}\n`))
    await writeFileAtomic(`${fresh}/README.md`, text(modelCard(learn, manifest)))
    await removeTree(old)
    moved = await exists(path)
    if (moved) await rename(path, old)
    await rename(fresh, path)
  } catch (error) {
    // What went wrong first is the error to tell.
    if (moved) await rename(old, path).catch(() => {})
    await removeTree(fresh).catch(() => {})
    throw error
  }
  await removeTree(old)
}

/** The files of an exported model, and what file managers leave among them. */
const ours: ReadonlySet<string> = new Set(['weights.safetensors', 'model.json', 'README.md', '.DS_Store'])

function checkedPath(folder: unknown): string {
  const path = typeof folder === 'string' ? folder.replace(/(?<=.)[/\\]+$/, '') : ''
  if (path !== '') return path
  throw new EspalierError('export/path', `export needs the path of a folder, got ${describe(folder)}`, {
    fix: "say learn.export('breeds')",
  })
}

/** Only another exported model is replaced: whatever else is there is not ours to remove. */
async function checkPlace(path: string): Promise<void> {
  const { exists, listDir } = platform()
  if (!(await exists(path))) return
  const names = await listDir(path).catch((cause: unknown) => {
    throw taken(path, 'there is a file of that name', cause)
  })
  const others = names.filter((name) => !ours.has(name))
  if (others.length > 0) throw taken(path, `the folder holds ${listed(others, 3)}`)
}

function taken(path: string, why: string, cause?: unknown): EspalierError {
  return new EspalierError('export/taken', `cannot export to '${path}': ${why}`, {
    fix: `export replaces nothing but exported models: choose another folder, such as '${path}-model'`,
    ...(cause !== undefined && { cause }),
  })
}

function manifestOf(learn: Learner, weights: { readonly bytes: number; readonly sha256: string }): Manifest {
  const { pipelines, nInp } = learn.dls.datasets
  const { itemTfms, beforeBatch, batchTfms } = learn.dls.valid.options
  const validates = (t: { readonly splitIdx?: number }) => t.splitIdx === undefined || t.splitIdx === 1
  return {
    format: 'espalier-model',
    version: bundleVersion,
    model: specOf('model', learn.options.portable ?? learn.model.portable ?? { name: learn.model.kind }),
    inputs: pipelines
      .slice(0, nInp)
      .map((p) => p.transforms.filter((t) => !t.local).map((t) => specOf('transform', t))),
    target: specOf('target', learn.dls.target as unknown as Portable | undefined),
    ...lossOf(learn),
    itemTfms: itemTfms.filter(validates).map((t) => specOf('item transform', t)),
    ...(beforeBatch.length > 0 && {
      beforeBatch: beforeBatch.filter(validates).map((t) => specOf('step before the batch', t)),
    }),
    batchTfms: batchTfms.filter(validates).map((t) => specOf('batch transform', t)),
    weights: { file: 'weights.safetensors', ...weights },
  }
}

/** A loss that says how it is made again; one without activation needs nothing to predict. */
function lossOf({ lossFunc, dls }: Learner): { readonly loss?: PartSpec } {
  const plain = !lossFunc.toJSON && !lossFunc.activation && !lossFunc.decodes
  const loss = specOf('loss', plain ? plainLoss : lossFunc)
  return loss.name === dls.target?.loss && Object.keys(loss.options).length === 0 ? {} : { loss }
}

function specOf(what: string, part: Portable | undefined): PartSpec {
  const options = part?.toJSON?.()
  if (part && options) return { name: part.name, options }
  throw new EspalierError(
    'export/part',
    `the ${what} '${part?.name ?? 'of these data loaders'}' cannot be exported: ${part?.untold?.why ?? 'it does not say how to make it again'}`,
    {
      fix: part?.untold?.fix ?? 'give it toJSON() and register a factory under its name with registerPart',
    },
  )
}

import { EspalierError, type Portable } from '@espalier/data'
import { writeSafetensors } from '../io/safetensors.js'
import { stateDict } from '../io/state-dict.js'
import type { Learner } from '../learner/learner.js'
import { platform } from '../platform.js'
import { bundleVersion, type Manifest, type PartSpec } from './manifest.js'
import { modelCard } from './model-card.js'
import { sha256 } from './sha256.js'

/**
 * Writes what prediction needs into a folder (fastai's `export`, without its pickle): weights, vocabulary, transforms
 * and a card, all of it data. What is there already is replaced at once, when everything has been written.
 */
export async function exportLearner(learn: Learner, path: string): Promise<void> {
  const { writeFileAtomic, removeTree, rename, exists } = platform()
  const weights = writeSafetensors(stateDict(learn.model), { format: 'espalier-model' })
  const manifest = manifestOf(learn, { bytes: weights.length, sha256: await sha256(weights) })
  const fresh = `${path}.new`
  await removeTree(fresh)
  const text = (s: string) => new TextEncoder().encode(s)
  await writeFileAtomic(`${fresh}/weights.safetensors`, weights)
  await writeFileAtomic(`${fresh}/model.json`, text(`${JSON.stringify(manifest, null, 2)}\n`))
  await writeFileAtomic(`${fresh}/README.md`, text(modelCard(learn, manifest)))
  const old = `${path}.old`
  await removeTree(old)
  if (await exists(path)) await rename(path, old)
  await rename(fresh, path)
  await removeTree(old)
}

function manifestOf(learn: Learner, weights: { readonly bytes: number; readonly sha256: string }): Manifest {
  const { pipelines, nInp } = learn.dls.datasets
  const { itemTfms, batchTfms } = learn.dls.valid.options
  const validates = (t: { readonly splitIdx?: number }) => t.splitIdx === undefined || t.splitIdx === 1
  return {
    format: 'espalier-model',
    version: bundleVersion,
    model: specOf('model', learn.options.portable ?? { name: learn.model.kind }),
    inputs: pipelines
      .slice(0, nInp)
      .map((p) => p.transforms.filter((t) => !t.local).map((t) => specOf('transform', t))),
    target: specOf('target', learn.dls.target as unknown as Portable | undefined),
    itemTfms: itemTfms.filter(validates).map((t) => specOf('item transform', t)),
    batchTfms: batchTfms.filter(validates).map((t) => specOf('batch transform', t)),
    weights: { file: 'weights.safetensors', ...weights },
  }
}

function specOf(what: string, part: Portable | undefined): PartSpec {
  const options = part?.toJSON?.()
  if (part && options) return { name: part.name, options }
  throw new EspalierError(
    'export/part',
    `the ${what} '${part?.name ?? 'of these data loaders'}' cannot be exported: it does not say how to make it again`,
    {
      fix: 'give it toJSON() and register a factory under its name with registerPart',
    },
  )
}

import { describe, EspalierError } from '@espalier/data'
import { useEngine } from '../engine/engine.js'
import { detectWeights } from '../io/detect-weights.js'
import { readSafetensors, type SafeTensor, type Written, writeSafetensors } from '../io/safetensors.js'
import { type LoadReport, loadStateDict, stateDict } from '../io/state-dict.js'
import { readTorch } from '../io/torch/read-torch.js'
import { platform } from '../platform.js'
import type { Learner } from './learner.js'
import { readOpt, writtenOpt } from './saved-opt.js'

/** What is saved of a learner. */
export interface SaveOptions {
  /** Also what the optimizer remembers. Default true. */
  readonly withOpt?: boolean
}

/** What is loaded into a learner. */
export interface LoadModelOptions {
  /** What the optimizer remembered. Default: where the file has it; true: it must have it. */
  readonly withOpt?: boolean
  /** False: weights that the file lacks keep their value, and those it has too many of are left out. Default true. */
  readonly strict?: boolean
}

/** What the tensors of an optimizer are called in a file of weights: no path of a module has a slash. */
const prefix = 'optimizer/'
const key = 'espalier-optimizer'

/**
 * Writes the weights of a learner, and what its optimizer remembers, into a safetensors file (fastai's `save`).
 * Whoever looks finds the old file or the new one, never a part. Returns its path.
 */
export async function saveModel(
  learn: Learner,
  file: string,
  { withOpt = true }: SaveOptions = {},
): Promise<string> {
  const path = weightsPath('save', file)
  await useEngine()
  const tensors = new Map<string, Written>(stateDict(learn.model))
  const metadata: Record<string, string> = { format: 'pt' }
  if (withOpt) {
    const { text, tensors: slots } = writtenOpt(learn.opt)
    for (const [name, slot] of slots) tensors.set(prefix + name, slot)
    metadata[key] = text
  }
  await platform().writeFileAtomic(path, writeSafetensors(tensors, metadata))
  return path
}

/**
 * Gives a learner the weights of a file, and its optimizer what it remembered (fastai's `load`). Everything is checked
 * before anything is changed. Files of `torch.save` are read as well.
 */
export async function loadModel(
  learn: Learner,
  file: string,
  { withOpt, strict = true }: LoadModelOptions = {},
): Promise<LoadReport> {
  const path = weightsPath('load', file)
  const bytes = await platform().readFile(path)
  await useEngine()
  const { tensors, metadata } = readFile(bytes)
  const of = (mine: boolean) => new Map([...tensors].filter(([name]) => name.startsWith(prefix) === mine))
  const text = metadata.get(key)
  if (withOpt && text === undefined) {
    throw new EspalierError('load/no-optimizer', `'${path}' holds weights only, nothing of an optimizer`, {
      fix: 'leave out withOpt, or save with { withOpt: true }',
    })
  }
  const slots = new Map([...of(true)].map(([name, t]) => [name.slice(prefix.length), t]))
  const wanted = withOpt !== false && text !== undefined
  const found = wanted ? await readOpt(path, text, slots, learn.opt) : undefined
  learn.usage.alive()
  const report = loadStateDict(learn.model, of(false), { strict })
  if (found) learn.opt.loadStateDict(found)
  return report
}

function readFile(bytes: Uint8Array): {
  readonly tensors: ReadonlyMap<string, SafeTensor>
  readonly metadata: ReadonlyMap<string, string>
} {
  if (detectWeights(bytes) === 'safetensors') return readSafetensors(bytes)
  return { tensors: readTorch(bytes), metadata: new Map() }
}

const torchFile = /\.(pth|pt|bin)$/i

/** The path of a file of weights; `.safetensors` may be left out. */
export function weightsPath(what: string, file: unknown): string {
  if (typeof file !== 'string' || !/[^/\\]$/.test(file)) {
    throw new EspalierError(`${what}/path`, `${what} needs the path of a file, got ${describe(file)}`, {
      fix: "say 'runs/model'",
    })
  }
  if (!torchFile.test(file)) return file.endsWith('.safetensors') ? file : `${file}.safetensors`
  if (what === 'load') return file
  throw new EspalierError(`${what}/path`, `'${file}' would not be a file of torch: weights are safetensors`, {
    fix: `say '${file.replace(torchFile, '.safetensors')}', which torch reads with safetensors.torch.load_file`,
  })
}

import type { Dataset } from '../datasets/dataset.js'
import type { Json, Portable } from '../json.js'
import type { DataLoader } from '../load/data-loader.js'
import type { DataLoaders } from '../load/data-loaders.js'
import type { NdArray } from '../nd-array.js'
import { ContentDigest, type Hash } from './content-digest.js'
import { writeValue } from './write-value.js'

/** How data is looked at. */
export interface DescribeDataOptions {
  /** Hashes pieces of the content, such as sha256 in hexadecimal. */
  readonly hash: Hash
  /** The size of a file in bytes; undefined where a path leads to none. Default: files are not looked at. */
  readonly stat?: (path: string) => Promise<number | undefined>
}

/** What training data is, field by field, so that a change can be told by its name. */
export interface DataDescription {
  readonly [field: string]: Json
  /** `'400 items, 3f2a…'`: how many items train, and the hash of what they are. */
  readonly train: string
  readonly valid: string
  /** The classes and their hash, or null. */
  readonly vocab: string | null
  /** Batch sizes of training and validation. */
  readonly bs: readonly number[]
  /** Names and options of all transforms. */
  readonly transforms: Json
  /** Whether training is shuffled and leaves out an incomplete batch, and how it is ordered. */
  readonly order: Json
}

/**
 * Describes the data of some loaders so that a run that goes on can be refused other data, with the difference shown.
 * Items are hashed as they are: texts, numbers, arrays and objects made of them. Of a path also the size of its file,
 * with `stat`. A million small items take a few seconds.
 *
 * @example
 * await describeData(dls, { hash: sha256, stat: async (path) => (await fs.stat(path)).size })
 */
export async function describeData(
  dls: DataLoaders<readonly NdArray[], unknown, unknown>,
  { hash, stat }: DescribeDataOptions,
): Promise<DataDescription> {
  const { train, valid, target, datasets } = dls
  const pipelines = datasets.pipelines.map((p) => p.transforms.filter((t) => !('read' in t)).map(described))
  const { shuffle, dropLast, order } = train.options
  const parts: Record<string, string> = {}
  for (const [i, dl] of dls.loaders.entries()) {
    parts[['train', 'valid'][i] ?? `part ${i}`] = await partOf(dl, hash, stat)
  }
  return {
    ...(parts as { readonly train: string; readonly valid: string }),
    vocab: target?.vocab ? await vocabOf(target.vocab, hash) : null,
    bs: [train.options.bs, valid.options.bs],
    transforms: {
      pipelines,
      itemTfms: train.options.itemTfms.map(described),
      beforeBatch: train.options.beforeBatch.map(described),
      batchTfms: train.options.batchTfms.map(described),
    },
    order: { shuffle, dropLast, order: order ? await orderOf(train, hash) : null },
  }
}

/** A step's name, with its options where it says them; those not set up yet have none. */
function described(t: Portable): Json {
  const options = optionsOf(t)
  return options && Object.keys(options).length > 0 ? { name: t.name, options } : t.name
}

function optionsOf(t: Portable): Json | undefined {
  try {
    return t.toJSON?.()
  } catch {
    return undefined
  }
}

async function vocabOf(vocab: readonly string[], hash: Hash): Promise<string> {
  const out = new ContentDigest(hash)
  writeValue(out, vocab)
  return `${vocab.length} classes, ${short(await out.digest())}`
}

async function orderOf(dl: DataLoader, hash: Hash): Promise<string> {
  const out = new ContentDigest(hash)
  out.bytes(new Uint8Array(Float64Array.from(dl.order(0)).buffer))
  return short(await out.digest())
}

async function partOf(
  { dataset }: DataLoader,
  hash: Hash,
  stat: DescribeDataOptions['stat'],
): Promise<string> {
  const out = new ContentDigest(hash)
  if (dataset.fingerprint) {
    for await (const piece of dataset.fingerprint()) writeValue(out, piece)
  } else await writeItems(out, dataset, stat)
  return `${dataset.length} items, ${short(await out.digest())}`
}

/** How many items are looked at together. */
const group = 512

async function writeItems(
  out: ContentDigest,
  dataset: Dataset,
  stat: DescribeDataOptions['stat'],
): Promise<void> {
  for (let from = 0; from < dataset.length; from += group) {
    const n = Math.min(group, dataset.length - from)
    const items = Array.from({ length: n }, (_, i) => dataset.recipe?.item(from + i) ?? dataset.id(from + i))
    const sizes = stat && (await Promise.all(items.map((item) => (mayBePath(item) ? stat(item) : undefined))))
    for (const [i, item] of items.entries()) {
      writeValue(out, item)
      if (sizes) writeValue(out, sizes[i])
    }
    await out.breathe()
  }
}

/** Texts to learn from are no paths: those are short and of one line. */
function mayBePath(item: unknown): item is string {
  return typeof item === 'string' && item.length < 1024 && !item.includes('\n')
}

function short(hash: string): string {
  return hash.slice(0, 16)
}

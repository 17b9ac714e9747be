import type { AnyBlock } from './blocks/block.js'
import { checkOptions } from './check-options.js'
import type { DataBlock } from './data-block.js'
import type { Datasets } from './datasets/datasets.js'
import { describe } from './describe.js'
import { collate } from './load/collate.js'
import { divisionText } from './load/division.js'
import { retainKind } from './nd-array.js'
import { Random } from './random/random.js'
import { applyOnHost } from './transform/batch-transform.js'
import { applyBeforeBatch, type Sample } from './transform/before-batch.js'
import { reasonOfStep } from './transform/failed-step.js'
import { applyItemTransforms } from './transform/item-transform.js'
import { byOrder, runsOn } from './transform/transform.js'

/** How much {@link DataBlock.summary} walks. */
export interface SummaryOptions {
  /** How many samples its batch has. Default 4. */
  readonly bs?: number
}

/**
 * What {@link DataBlock.summary} returns: one item through every step with the value after each, then one
 * batch. A step that fails is named with the item, and the text ends there.
 */
export async function summarize<Source, Item, Bs extends readonly AnyBlock[]>(
  block: DataBlock<Source, Item, Bs>,
  source: Source,
  options: SummaryOptions = {},
): Promise<string> {
  checkOptions('summary', options, ['bs'])
  const { bs = 4 } = options
  const walk = new Walk()
  try {
    const dsets = await walk.step('collecting, splitting and setting up', () => block.datasets(source))
    const { train, valid } = dsets
    walk.say(`${dsets.items.length} items: ${train.length} to train, ${valid.length} to validate`)
    const shared = dsets.overlappingSplits()
    if (shared.length > 0) walk.say(`! ${shared.length} of them lie on more than one side`)
    walk.say('', `One item: ${train.id(0)}`)
    await walkItem(walk, dsets)
    const n = Math.min(bs, train.length)
    walk.say('', `One batch of ${n}:`)
    const samples: Sample[] = []
    for (let i = 0; i < n; i++) samples.push(await walkSample(walk, block, dsets, i))
    await walkBatch(walk, block, dsets, samples)
    const division = divisionText(train, block.itemTfms)
    if (division) walk.say('', division)
  } catch (error) {
    if (!(error instanceof Failed)) throw error
  }
  return walk.lines.join('\n')
}

type Dsets = Pick<Datasets, 'pipelines' | 'train'>
type Block = DataBlock<never, never, readonly AnyBlock[]>
const context = () => ({ split: 0, random: new Random(0, 'summary') })

/** The first item through every step of every pipeline. */
async function walkItem(walk: Walk, { pipelines, train }: Dsets): Promise<void> {
  const draws = context()
  for (const pipeline of pipelines) {
    let value: unknown = train.item(0)
    for (const t of pipeline.transforms.filter((t) => runsOn(t, 0))) {
      value = await walk.step(`${t.name} on ${train.id(0)}`, async () =>
        retainKind(value, await t.encode(value, draws)),
      )
      walk.say(`  ${t.name} → ${describe(value)}`)
    }
  }
}

/** A sample through its pipelines and the item transforms; the first one says what each makes of it. */
async function walkSample(
  walk: Walk,
  block: Pick<Block, 'itemTfms'>,
  { train }: Dsets,
  i: number,
): Promise<Sample> {
  const draws = context()
  let sample = await walk.step(`reading ${train.id(i)}`, () => train.sample(i, draws))
  for (const t of block.itemTfms.filter((t) => runsOn(t, 0))) {
    sample = await walk.step(`${t.name} on ${train.id(i)}`, () => applyItemTransforms([t], sample, draws))
    if (i === 0) walk.say(`  ${t.name} → ${shapes(sample)}`)
  }
  return sample
}

/** Samples to a batch: what is done before they are stacked, stacking, what is done after. */
async function walkBatch(
  walk: Walk,
  block: Pick<Block, 'beforeBatch' | 'batchTfms'>,
  { train }: Dsets,
  made: readonly Sample[],
): Promise<void> {
  let samples = made
  for (const t of byOrder(block.beforeBatch).filter((t) => runsOn(t, 0))) {
    samples = await walk.step(`${t.name} on the samples`, () => applyBeforeBatch([t], samples, 0))
    walk.say(`  ${t.name} → ${samples.length} × ${shapes(samples[0] ?? [])}`)
  }
  const ids = samples.map((_, i) => train.id(i))
  let arrays = await walk.step('stacking the samples', () => collate(samples, ids))
  walk.say(`  stacked → ${shapes(arrays)}`)
  const indices = samples.map((_, i) => i)
  for (const t of byOrder(block.batchTfms).filter((t) => runsOn(t, 0))) {
    arrays = await walk.step(t.name, async () => {
      await t.prepare?.()
      return applyOnHost([t], arrays, indices, { seed: 0, epoch: 0, split: 0 })
    })
    walk.say(`  ${t.name} → ${shapes(arrays)}`)
  }
}

function shapes(elements: readonly unknown[]): string {
  return `(${elements.map(describe).join(', ')})`
}

/** What has been seen so far. */
class Walk {
  readonly lines: string[] = []

  say(...lines: readonly string[]): void {
    this.lines.push(...lines)
  }

  async step<T>(what: string, run: () => T | Promise<T>): Promise<T> {
    try {
      return await run()
    } catch (error) {
      this.say(`✗ ${what} failed: ${reasonOfStep(error)}`)
      throw new Failed()
    }
  }
}

/** A step failed, and the walk has said so. */
class Failed extends Error {}

import type { AnyBlock } from './blocks/block.js'
import type { DataBlock } from './data-block.js'
import { describe } from './describe.js'
import { reasonOf } from './errors.js'
import { collate } from './load/collate.js'
import { Random } from './random/random.js'
import { applyItemTransforms } from './transform/item-transform.js'
import { andThen } from './transform/transform.js'

/**
 * What {@link DataBlock.summary} returns: one item through every step with the value after each, then one
 * batch. A step that fails is named with the item, and the text ends there.
 */
export async function summarize<Source, Item, Bs extends readonly AnyBlock[]>(
  block: DataBlock<Source, Item, Bs>,
  source: Source,
  { bs = 4 }: { readonly bs?: number } = {},
): Promise<string> {
  const lines: string[] = []
  const step = async <T>(what: string, run: () => T | Promise<T>): Promise<T> => {
    try {
      return await run()
    } catch (error) {
      throw new Failed(`${lines.join('\n')}\n✗ ${what} failed: ${reasonOf(error)}`)
    }
  }
  try {
    const dsets = await step('collecting, splitting and setting up', () => block.datasets(source))
    lines.push(
      `${dsets.items.length} items: ${dsets.train.length} to train, ${dsets.valid.length} to validate`,
    )
    const context = { split: 0, random: new Random(0, 'summary') }
    lines.push('', `One item: ${dsets.train.id(0)}`)
    for (const pipeline of dsets.pipelines) {
      let value: unknown = dsets.train.item(0)
      for (const t of pipeline.transforms.filter(trains)) {
        value = await step(`${t.name} on ${dsets.train.id(0)}`, () =>
          andThen(value, (v) => t.encode(v, context)),
        )
        lines.push(`  ${t.name} → ${describe(value)}`)
      }
    }
    lines.push('', `One batch of ${Math.min(bs, dsets.train.length)}:`)
    const samples: (readonly unknown[])[] = []
    for (let i = 0; i < Math.min(bs, dsets.train.length); i++) {
      let sample = await step(`reading ${dsets.train.id(i)}`, () => dsets.train.sample(i, context))
      for (const t of block.itemTfms.filter(trains)) {
        sample = await step(`${t.name} on ${dsets.train.id(i)}`, () =>
          applyItemTransforms([t], sample, context),
        )
        if (i === 0) lines.push(`  ${t.name} → (${sample.map(describe).join(', ')})`)
      }
      samples.push(sample)
    }
    const ids = samples.map((_, i) => dsets.train.id(i))
    let arrays = await step('stacking the samples', () => collate(samples, ids))
    lines.push(`  stacked → (${arrays.map(describe).join(', ')})`)
    for (const t of block.batchTfms.filter(trains)) {
      const indices = samples.map((_, i) => i)
      arrays = await step(t.name, async () => {
        await t.prepare?.()
        return t.host(arrays, indices, { seed: 0, epoch: 0, split: 0 })
      })
      lines.push(`  ${t.name} → (${arrays.map(describe).join(', ')})`)
    }
    return lines.join('\n')
  } catch (error) {
    if (error instanceof Failed) return error.message
    throw error
  }
}

/** Whether a transform runs on training items, as the walked ones are. */
function trains(t: { readonly splitIdx?: number }): boolean {
  return t.splitIdx === undefined || t.splitIdx === 0
}

/** A step that failed; the message is the summary so far. */
class Failed extends Error {}

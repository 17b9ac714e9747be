import { type Card, type Cell, type DataLoader, EspalierError, pick, row } from '@espalier/data'
import type { Learner } from '../learner/learner.js'
import { type KeptOptions, predPass } from '../learner/pred-pass.js'
import type { AnyModule } from '../nn/module.js'
import { predictedCells } from './predicted-cells.js'
import { undoneAs } from './undone-as.js'

/** An item, what the model says about it and what it is. */
export interface LookedAt<P = unknown> {
  /** The item's position in its data set, and its name. */
  readonly index: number
  readonly id: string
  /** The item as the model saw it: a cell for each input. */
  readonly input: Card
  /** As `predict` gives it; undefined where the data loaders do not say how to read one. */
  readonly prediction: P | undefined
  readonly predicted: Cell
  readonly actual: Cell
  /**
   * The largest of the activations, where they say how sure the model is; numbers that are predicted do not. Of a mask
   * the mean over its pixels.
   */
  readonly probability?: number
}

/** Reads some items of a loader again, predicts them and makes both visible; those that cannot be read are missing. */
export async function lookAt<P>(
  learn: Learner<AnyModule, P>,
  dl: DataLoader,
  indices: readonly number[],
  { act }: Pick<KeptOptions, 'act'> = {},
): Promise<LookedAt<P>[]> {
  if (indices.length === 0) throw noSample()
  const bs = Math.min(indices.length, dl.options.bs)
  const picked = dl.with({ bs, shuffle: false, dropLast: false, split: 1 }, pick(dl.dataset, indices))
  const found: LookedAt<P>[] = []
  const { target } = learn.dls
  const kept = { withTargs: false, ...(act && { act }) }
  const look = () =>
    predPass(learn, picked, kept, ({ preds, decoded }, batch) => {
      const cards = learn.dls.cards(batch, batch.indices.length)
      const cells = predictedCells(learn.dls, batch, decoded!)
      const read = target?.kind === undefined ? preds! : undoneAs(learn.dls, preds!, target.kind, batch.place)
      for (const [i, place] of batch.indices.entries()) {
        const { data, shape } = row(preds!, i)
        const activations = Float32Array.from(data)
        const index = indices[place]!
        found.push({
          index,
          id: dl.dataset.id(index),
          input: cards[i]!.slice(0, batch.nInp),
          prediction: target?.read(Float32Array.from(row(read, i).data), shape),
          predicted: cells[i]!,
          actual: cards[i]![batch.nInp] ?? unknown,
          ...(decoded!.dtype !== 'float32' && { probability: certainty(activations, shape) }),
        })
      }
      return undefined
    })
  await learn.usage.hold('a prediction', look, { reads: true })
  if (found.length === 0) throw noSample()
  return found
}

const unknown: Cell = { text: '?' }

/** The largest activation; of a mask `[h, w, c]` the largest of each place, averaged over them. */
function certainty(values: Float32Array, shape: readonly number[]): number {
  const n = shape.length > 1 ? shape.at(-1)! : values.length
  let sum = 0
  for (let at = 0; at < values.length; at += n) {
    sum += values.subarray(at, at + n).reduce((most, v) => Math.max(most, v), Number.NEGATIVE_INFINITY)
  }
  return (sum * n) / values.length
}

function noSample(): EspalierError {
  return new EspalierError('show/empty', 'there is no sample to show', {
    fix: 'give a loader that has items, and show at least one',
  })
}

import { type Card, type Cell, type DataLoader, EspalierError, pick } from '@espalier/data'
import type { Learner } from '../learner/learner.js'
import type { ShownResult } from '../report/result-grid.js'

/** A prediction for one sample of a loader, as a class. */
export interface Predicted {
  /** The sample's position in its data set. */
  readonly index: number
  readonly predicted: number
}

/** The samples of some predictions, read again and made visible beside what was predicted. */
export async function shownResults(
  learn: Learner,
  dl: DataLoader,
  predictions: readonly Predicted[],
): Promise<ShownResult[]> {
  const { nInp } = dl.options
  const cards = await cardsOf(
    learn,
    dl,
    predictions.map((p) => p.index),
  )
  return predictions.map(({ predicted }, i) => ({
    inputs: cards[i]!.slice(0, nInp),
    predicted: { text: labelOf(learn, predicted) },
    actual: cards[i]![nInp] ?? unknown,
  }))
}

const unknown: Cell = { text: '?' }

/** The name of a class. */
function labelOf(learn: Learner, index: number): string {
  return learn.dls.target?.vocab?.[index] ?? String(index)
}

/** Samples of a loader made visible, prepared as for validation. */
async function cardsOf(learn: Learner, dl: DataLoader, indices: readonly number[]): Promise<readonly Card[]> {
  if (indices.length === 0) throw noSample()
  await learn.prepare()
  const picked = dl.with(
    { bs: indices.length, shuffle: false, dropLast: false, split: 1 },
    pick(dl.dataset, indices),
  )
  for await (const batch of picked.batches()) return learn.dls.cards(batch, indices.length)
  throw noSample()
}

function noSample(): EspalierError {
  return new EspalierError('show/empty', 'there is no sample to show', {
    fix: 'give a loader that has items, and show at least one',
  })
}

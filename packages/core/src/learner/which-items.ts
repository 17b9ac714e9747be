import { checkLoader, DataLoader, describe, EspalierError } from '@espalier/data'
import type { Learner } from './learner.js'

/** Which items are walked. */
export interface WhichItems {
  /** 0 walks the training items, whole, in order and prepared as for validation; 1 the validation items. Default 1. */
  readonly dsIdx?: 0 | 1
  /** Another loader in place of these. */
  readonly dl?: DataLoader
}

/** What a method was given, a loader or options, as options. */
export function asOptions<O extends WhichItems>(given: DataLoader | O = {} as O): O {
  if (given instanceof DataLoader) return { dl: given } as O
  if (Object.getPrototypeOf(Object(given)) !== Object.prototype) checkLoader(given)
  return given as O
}

/** The loader that is meant. */
export function loaderOf(learn: Learner, { dsIdx = 1, dl }: WhichItems): DataLoader {
  if (dl !== undefined) {
    checkLoader(dl)
    return dl
  }
  if (dsIdx === 1) return learn.dls.valid
  if (dsIdx === 0) return inOrder(learn.dls.train)
  throw new EspalierError('learner/ds-idx', `dsIdx is 0 or 1, got ${describe(dsIdx)}`, {
    fix: 'dsIdx: 0 is the training set, dsIdx: 1 the validation set; for other items give dl: learn.dls.testDl(items)',
  })
}

/** A loader as validation walks it; the given one if it is such a loader, which then knows what was left out. */
export function inOrder(dl: DataLoader): DataLoader {
  const { shuffle, dropLast, split } = dl.options
  return !shuffle && !dropLast && split === 1 ? dl : dl.with({ shuffle: false, dropLast: false, split: 1 })
}

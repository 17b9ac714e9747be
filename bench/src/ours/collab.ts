import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Learner } from '@espalier/core'
import { indexSplitter } from '@espalier/data'
import { readCsv } from '@espalier/tabular'
import { CollabDataLoaders, collabLearner } from '@espalier/tabular/collab'
import { epochsOf } from './tabular.js'
import type { Found } from './work.js'

/** Where the ratings lie, and which of them validate. */
export interface CollabWorkOptions {
  readonly data: string
  /** A file with the number of a row on each line. */
  readonly valid: string
}

/** Five epochs of one-cycle on the ratings of films, with the split of the peer. */
export async function collab({ data, valid }: CollabWorkOptions): Promise<Found> {
  const ratings = await readCsv(join(data, 'movielens', 'u.data'), {
    delimiter: '\t',
    header: ['user', 'movie', 'rating', 'time'],
  })
  const rows = (await readFile(valid, 'utf8')).trim().split(/\s+/).map(Number)
  const dls = await CollabDataLoaders.fromFrame(ratings, { splitter: indexSplitter(rows), bs: 64, seed: 42 })
  using learn = await collabLearner(dls, { nFactors: 50, yRange: [0, 5.5], verbose: false })
  return await epochsOf(learn as unknown as Learner, 64, () => learn.fitOneCycle(5, 5e-3, { wd: 0.1 }))
}

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A review and what its writer thought. */
export interface Review {
  readonly text: string
  readonly label: 'neg' | 'pos'
}

/** The first `n` reviews below a folder, bad and good by turns, each kind sorted as ASCII. */
export async function reviewsIn(folder: string, n: number): Promise<Review[]> {
  const kinds = ['neg', 'pos'] as const
  const files = await Promise.all(kinds.map(async (kind) => (await readdir(join(folder, kind))).sort()))
  const chosen = Array.from({ length: n }, (_, i) => ({ kind: kinds[i % 2]!, name: files[i % 2]![i >> 1]! }))
  return Promise.all(
    chosen.map(async ({ kind, name }) => ({
      text: await readFile(join(folder, kind, name), 'utf8'),
      label: kind,
    })),
  )
}

import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TokenizedText, type TokenSource, tokenizeTexts } from '@espalier/text'
import { summarizeSteps } from '../statistics.js'
import type { Found } from './work.js'

/** Which reviews are tokenized, and by how many threads. */
export interface TokenizeOptions {
  /** A folder that holds reviews in folders `neg` and `pos`. */
  readonly reviews: string
  readonly n: number
  readonly workers: number
}

/**
 * Reviews, from texts in memory to tokens in memory, once: what a thread has met before would make it faster the second
 * time. The digest tells whether the peer made the same tokens.
 */
export async function tokenize({ reviews, n, workers }: TokenizeOptions): Promise<Found> {
  const texts = await textsIn(reviews, n)
  await tokenizeTexts(texts.slice(0, 50), { workers })
  const began = performance.now()
  const tokens = await tokenizeTexts(texts, { workers })
  const seconds = (performance.now() - began) / 1000
  return {
    ...summarizeSteps([seconds], 0, n),
    items: 'docs',
    first_step_s: seconds,
    sha256: digestOf(tokens),
  }
}

/** The first reviews of both kinds in the order of their names, by turns: as the peers read them. */
async function textsIn(folder: string, n: number): Promise<string[]> {
  const kinds = ['neg', 'pos'].map((kind) => join(folder, kind))
  const lists = await Promise.all(
    kinds.map(async (kind) =>
      (await readdir(kind))
        .filter((name) => name.endsWith('.txt'))
        .sort()
        .map((name) => join(kind, name)),
    ),
  )
  const files = lists[0]!.flatMap((file, i) => [file, lists[1]![i]!]).slice(0, n)
  return Promise.all(files.map((file) => readFile(file, 'utf8')))
}

function digestOf(tokens: TokenSource): string {
  const lines = Array.from({ length: tokens.length }, (_, i) =>
    new TokenizedText(tokens, i).tokens().join(' '),
  )
  return createHash('sha256').update(lines.join('\n')).digest('hex')
}

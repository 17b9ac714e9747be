import { specialTokens } from '../special-tokens.js'

/** How large the vocabulary of subwords becomes. */
export interface SubwordTrainingOptions {
  /** Default: see {@link subwordVocabSize}. */
  readonly vocabSz?: number
  /** Default 30,000. */
  readonly maxVocabSz?: number
  /** The share of all letters that the vocabulary must have; the rarest others are unknown. Default 0.99999. */
  readonly charCoverage?: number
  readonly specialTokens?: readonly string[]
}

/** Words without white space, and how often each occurs. */
export type WordCounts = ReadonlyMap<string, number>

/** What subwords are learnt from. */
export interface Training {
  readonly special: readonly string[]
  /** No special tokens and nothing endless; each begins with the mark of its space. */
  readonly words: readonly (readonly [word: string, count: number])[]
  /** The letters that the vocabulary must have, the most frequent first. */
  readonly letters: readonly string[]
  readonly vocabSz: number
}

/** What is longer is no word, and would outweigh all others; SentencePiece leaves such lines out, too. */
const longestWord = 4192

/** Stands for the space before a word. */
export const wordMark = '▁'

/** The words to learn from, their letters, and how many subwords there shall be. */
export function trainingOf(counts: WordCounts, options: SubwordTrainingOptions): Training {
  const { maxVocabSz = 30_000, charCoverage = 0.99999, specialTokens: special = specialTokens } = options
  const { vocabSz = subwordVocabSize(counts.size, maxVocabSz) } = options
  const words = [...counts].flatMap(([word, n]) =>
    special.includes(word) || word.length > longestWord ? [] : [[wordMark + word, n] as const],
  )
  return { special, words, letters: lettersOf(words, charCoverage), vocabSz }
}

/**
 * How many subwords suit texts of so many different words (fastai's rule): a quarter of them, rounded up to a multiple
 * of 8, and at least 29.
 */
export function subwordVocabSize(words: number, maxVocabSz = 30_000): number {
  const quarter = Math.floor(words / 4)
  return quarter > maxVocabSz ? maxVocabSz : Math.max(29, 8 * Math.ceil(quarter / 8))
}

/** The most frequent letters that make up so much of the words. */
function lettersOf(words: Training['words'], coverage: number): string[] {
  const counts = new Map<string, number>()
  let total = 0
  for (const [word, n] of words) {
    for (const letter of word) {
      counts.set(letter, (counts.get(letter) ?? 0) + n)
      total += n
    }
  }
  const letters: string[] = []
  let covered = 0
  for (const [letter, n] of [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))) {
    if (covered >= coverage * total) break
    letters.push(letter)
    covered += n
  }
  return letters
}

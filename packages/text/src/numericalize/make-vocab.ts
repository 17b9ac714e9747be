import { checkOptions, describeNumber, EspalierError } from '@espalier/data'
import { specialTokens } from '../tokenize/special-tokens.js'

/** Fills vocabularies up; it is no word. */
export const fakeToken = 'xxfake'

/** Which tokens a vocabulary has. */
export interface VocabOptions {
  /** Tokens that occur less often are left out. Default 3. */
  readonly minFreq?: number
  /** At most so many tokens, special ones included. Default 60,000. */
  readonly maxVocab?: number
  /** Come first, whether they occur or not. Default {@link specialTokens}. */
  readonly specialToks?: readonly string[]
  /**
   * Fills up to a multiple of 8, as fastai does, with 1 to 8 tokens that stand for nothing. Default true: sizes agree
   * with fastai's, and matrices of such sizes are faster.
   */
  readonly pad?: boolean
}

/** The names in {@link VocabOptions}. */
export const vocabOptionNames: readonly (keyof VocabOptions)[] = ['minFreq', 'maxVocab', 'specialToks', 'pad']

/**
 * The most frequent tokens, special ones first; of equally frequent ones those that were counted first (fastai's
 * `make_vocab`).
 */
export function makeVocab(counts: ReadonlyMap<string, number>, options: VocabOptions = {}): string[] {
  checkOptions('makeVocab', options, vocabOptionNames)
  const { minFreq = 3, maxVocab = 60_000, specialToks = specialTokens, pad = true } = options
  for (const [name, value] of Object.entries({ minFreq, maxVocab })) {
    if (Number.isInteger(value) && value >= 1) continue
    throw new EspalierError(
      'vocab/option',
      `${name} must be a whole number ≥ 1, got ${describeNumber(value)}`,
      {
        fix: `say ${name}: ${name === 'minFreq' ? 3 : 60_000}`,
      },
    )
  }
  const special = new Set(specialToks)
  const frequent = [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, maxVocab)
    .filter(([token, n]) => n >= minFreq && !special.has(token))
  const vocab = [...special, ...frequent.map(([token]) => token)].slice(0, maxVocab)
  if (!pad) return vocab
  return [...vocab, ...Array.from({ length: 8 - (vocab.length % 8) }, () => fakeToken)]
}

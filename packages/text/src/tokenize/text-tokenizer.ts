import type { Portable } from '@espalier/data'

/** Divides a text, which the rules have gone over, into tokens. `toJSON` lets models be exported and threads take part. */
export interface TextTokenizer extends Portable {
  split(text: string): string[]
  /** Puts tokens together again. Default: with a space between them. */
  join?(tokens: readonly string[]): string
  /** Whether a token begins a word, where tokens are parts of words. Default: each token is one. */
  begins?(token: string): boolean
  /** Learns from texts, before it is used, as subword tokenizers do. */
  train?(texts: Iterable<string>): void
  /** The same of texts that come one after the other, without all of them in memory. */
  trainFrom?(texts: AsyncIterable<string>): Promise<void>
  /** Whether it has learnt. */
  readonly trained?: boolean
  /** The rules that suit it. Default: fastai's. */
  readonly rules?: readonly string[]
}

/**
 * Texts that have been tokenized. Each is a list of numbers: places in `words`, all tokens that occur, in the order of
 * their first appearance. Where the numbers lie, in memory or on disk, is the source's own affair.
 */
export interface TokenSource {
  /** How many texts there are. */
  readonly length: number
  readonly words: readonly string[]
  /** How many tokens each text has. */
  readonly lens: ArrayLike<number>
  /** The numbers of a text's tokens. */
  read(index: number): Int32Array
}

/** One tokenized text of a {@link TokenSource}: what `textBlock` takes as well as a text. */
export class TokenizedText {
  constructor(
    readonly source: TokenSource,
    readonly index: number,
  ) {}

  /** How many tokens it has. */
  get length(): number {
    return this.source.lens[this.index]!
  }

  /** Its tokens. */
  tokens(): string[] {
    return Array.from(this.source.read(this.index), (i) => this.source.words[i]!)
  }
}

/** Tokens, as a list or as one of many tokenized texts. */
export type Tokens = readonly string[] | TokenizedText

/** Tokens as a list. */
export function tokensOf(tokens: Tokens): readonly string[] {
  return tokens instanceof TokenizedText ? tokens.tokens() : tokens
}

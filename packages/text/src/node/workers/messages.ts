/** Texts to tokenize, or files that hold one each. */
export interface Order {
  readonly batch: number
  readonly texts?: readonly string[]
  readonly files?: readonly string[]
  readonly encoding?: string
}

/** What became of them. */
export interface Done {
  readonly batch: number
  /** Tokens that this thread had not met before: they take the next numbers. */
  readonly words: readonly string[]
  /** The numbers of all tokens, of one text after the other. */
  readonly ids: Int32Array
  readonly lens: Int32Array
  /** Of files: the SHA-256 of each. */
  readonly hashes?: readonly string[]
}

/** An error on its way. */
export interface Failed {
  readonly batch: number
  readonly failure: { readonly code: string; readonly message: string }
}

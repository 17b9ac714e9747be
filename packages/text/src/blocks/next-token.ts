import type { NdArray, Target, Transform } from '@espalier/data'

/** What a language model predicts: of each token of its vocabulary, that it comes next. */
export interface NextTokenPrediction {
  /** The likeliest one. */
  readonly token: string
  readonly index: number
  /** Of each token, in the order of the vocabulary. */
  readonly probabilities: Float32Array
}

/** The target of language models: the next token. What it is of each token, the loader knows: `encode` changes nothing. */
export class NextToken implements Transform<NdArray, NdArray>, Target<NextTokenPrediction> {
  readonly name = 'nextToken'
  readonly loss = 'crossEntropy'
  readonly vocab: readonly string[]

  constructor({ vocab }: { readonly vocab: readonly string[] }) {
    this.vocab = vocab
  }

  get c(): number {
    return this.vocab.length
  }

  /** What comes after the last token: activations are those of every token of a text, or of one. */
  read(activations: Float32Array): NextTokenPrediction {
    const probabilities = activations.slice(-this.c)
    const index = probabilities.reduce((best, p, i) => (p > probabilities[best]! ? i : best), 0)
    return { token: this.vocab[index]!, index, probabilities }
  }

  encode(ids: NdArray): NdArray {
    return ids
  }

  toJSON() {
    return { vocab: this.vocab }
  }
}

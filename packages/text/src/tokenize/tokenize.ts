import { type Cell, describe, EspalierError, type Json, type Portable, type Transform } from '@espalier/data'
import { asJson, TextProcessor, type TextProcessorOptions } from './text-processor.js'
import { TokenizedText, type Tokens, tokensOf } from './tokens.js'

/** What a text block is read from: a text, or one that has been tokenized. */
export type TextInput = string | TokenizedText

/** So many characters of texts are kept tokenized, so that an epoch need not divide them again. */
const keptChars = 50_000_000

const untold = {
  why: 'its tokenizer or one of its rules is a function of your own',
  fix: 'use the rules and tokenizers of @espalier/text, or keep the weights alone: learn.save',
}

/**
 * Text → tokens (fastai's `Tokenizer`): rules, then a tokenizer. Texts that have been tokenized before pass through.
 */
export class Tokenize implements Transform<TextInput, Tokens> {
  readonly name = 'tokenize'
  readonly processor: TextProcessor
  readonly #known = new Map<string, readonly string[]>()
  #chars = 0
  declare readonly toJSON?: () => { readonly [key: string]: Json }
  declare readonly untold?: NonNullable<Portable['untold']>

  constructor(options: TextProcessorOptions | TextProcessor = {}) {
    this.processor = options instanceof TextProcessor ? options : new TextProcessor(options)
    const told = this.processor.spec() !== undefined
    Object.assign(this, told ? { toJSON: () => asJson(this.processor.spec()!) } : { untold })
  }

  /** Subword tokenizers learn from the training texts, unless they have learnt already. */
  async setup(texts: AsyncIterable<TextInput>): Promise<void> {
    const { tok } = this.processor
    if (!tok.train || tok.trained) return
    if (tok.trainFrom) return tok.trainFrom(this.#prepared(texts))
    const all: string[] = []
    for await (const text of this.#prepared(texts)) all.push(text)
    if (all.length > 0) tok.train(all)
  }

  accepts(x: unknown): boolean {
    return typeof x === 'string'
  }

  encode(text: TextInput): Tokens {
    if (text instanceof TokenizedText) return text
    if (typeof text !== 'string') {
      throw new EspalierError('text/input', `a text must be a string, got ${describe(text)}`, {
        fix: 'make the getter return the text: getX: (row) => row.text',
      })
    }
    const known = this.#known.get(text)
    if (known) return known
    const tokens = this.processor.tokens(text)
    if (this.#chars + text.length <= keptChars) {
      this.#known.set(text, tokens)
      this.#chars += text.length
    }
    return tokens
  }

  decode(tokens: Tokens): string {
    const list = tokensOf(tokens)
    return this.processor.tok.join?.(list) ?? list.join(' ')
  }

  show(tokens: Tokens): Cell {
    return { text: this.decode(tokens) }
  }

  /** The texts as a tokenizer is given them. */
  async *#prepared(texts: AsyncIterable<TextInput>): AsyncGenerator<string> {
    for await (const text of texts) if (typeof text === 'string') yield this.processor.prepare(text)
  }
}

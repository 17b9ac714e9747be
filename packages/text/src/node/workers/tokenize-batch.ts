import { reasonOf } from '@espalier/data'
import { detached } from '../../tokenize/detached.js'
import type { TextProcessor } from '../../tokenize/text-processor.js'
import { readText } from '../read-text.js'
import type { Done, Order } from './messages.js'

/**
 * Tokenizes batches, one after the other however many are asked for at once, and numbers tokens in the order in which it
 * meets them: a batch tells the words that those before it had not.
 */
export class BatchTokenizer {
  readonly #numbers = new Map<string, number>()
  #last: Promise<unknown> = Promise.resolve()

  constructor(readonly processor: TextProcessor) {}

  done(order: Order): Promise<Done> {
    const doing = this.#last.then(() => this.#tokenize(order))
    this.#last = doing.catch(() => {})
    return doing
  }

  async #tokenize({ batch, texts, files, encoding }: Order): Promise<Done> {
    const words: string[] = []
    const ids: number[] = []
    const hashes: string[] = []
    const n = (texts ?? files ?? []).length
    const lens = new Int32Array(n)
    for (let i = 0; i < n; i++) {
      const read = files ? await readText(files[i]!, encoding) : undefined
      if (read) hashes.push(read.hash)
      const tokens = this.processor.tokens(read?.text ?? texts![i]!)
      lens[i] = tokens.length
      for (const token of tokens) ids.push(this.#numberOf(token, words))
    }
    return { batch, words, ids: Int32Array.from(ids), lens, ...(files && { hashes }) }
  }

  #numberOf(token: string, words: string[]): number {
    const known = this.#numbers.get(token)
    if (known !== undefined) return known
    const number = this.#numbers.size
    const word = detached(token)
    this.#numbers.set(word, number)
    words.push(word)
    return number
  }
}

/** An error as a message can carry it. */
export function failureOf(error: unknown): { readonly code: string; readonly message: string } {
  const { code } = (error ?? {}) as { readonly code?: unknown }
  return { code: typeof code === 'string' ? code : 'text/tokenize', message: reasonOf(error) }
}

import { decodeSpecTokens } from '../tokenize/decode-spec-tokens.js'
import { TK_MAJ, TK_REP, TK_UP, TK_WREP } from '../tokenize/special-tokens.js'
import type { TextTokenizer } from '../tokenize/text-tokenizer.js'

/** Which tokens begin a word, and how those of a word are put together. */
type Words = Pick<TextTokenizer, 'begins' | 'join'>

/** Turns tokens into pieces of text as they come: what a special token announces is waited for. */
export class Speech {
  /** The tokens of the word that is being said, and of what announces it. */
  #tokens: string[] = []
  #said = ''

  constructor(
    readonly words: Words,
    readonly raw: boolean,
  ) {}

  /** What can be said once there is another token; empty while it is not clear. */
  say(token: string): string {
    if (this.raw) return ` ${token}`
    if (this.#begins(token) && this.#isWhole()) {
      this.#tokens = []
      this.#said = ''
    }
    this.#tokens.push(token)
    const text = decodeSpecTokens(this.#words())
      .map((word) => ` ${word}`)
      .join('')
    const more = text.startsWith(this.#said) ? text.slice(this.#said.length) : ''
    this.#said += more
    return more
  }

  #begins(token: string): boolean {
    return this.words.begins?.(token) ?? true
  }

  #words(): string[] {
    const words: string[][] = []
    for (const token of this.#tokens) {
      const word = this.#begins(token) ? undefined : words.at(-1)
      if (word) word.push(token)
      else words.push([token])
    }
    const { begins, join } = this.words
    return words.map((word) => (begins && join ? join(word).trim() : word.join('')))
  }

  /** A capital needs a word, a repetition a number and a word. */
  #isWhole(): boolean {
    const words = this.#words()
    const [first, second] = words
    const n = words.length
    if (first === TK_MAJ || first === TK_UP) return n >= 2
    if (first === TK_REP || first === TK_WREP) return n >= (/^\d+$/.test(second ?? '0') ? 3 : 2)
    return true
  }
}

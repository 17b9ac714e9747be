import { decodeSpecTokens } from '../tokenize/decode-spec-tokens.js'
import { TK_MAJ, TK_REP, TK_UP, TK_WREP } from '../tokenize/special-tokens.js'

/** Turns tokens into pieces of text as they come: what a special token announces is waited for. */
export class Speech {
  #waiting: string[] = []

  constructor(readonly raw: boolean) {}

  /** What can be said once there is another token; empty while it is not clear. */
  say(token: string): string {
    if (this.raw) return ` ${token}`
    this.#waiting.push(token)
    return this.#complete() ? this.end() : ''
  }

  /** What is left to say. */
  end(): string {
    const words = decodeSpecTokens(this.#waiting)
    this.#waiting = []
    return words.map((word) => ` ${word}`).join('')
  }

  /** A capital needs a word, a repetition a number and a word. */
  #complete(): boolean {
    const [first, second] = this.#waiting
    const n = this.#waiting.length
    if (first === TK_MAJ || first === TK_UP) return n >= 2
    if (first === TK_REP || first === TK_WREP) return n >= (/^\d+$/.test(second ?? '0') ? 3 : 2)
    return true
  }
}

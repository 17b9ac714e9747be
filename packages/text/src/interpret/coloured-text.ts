/** Words and how much each matters, from −1 (against) to 1 (for). */
export interface WeighedWord {
  readonly word: string
  readonly weight: number
  /** It goes on with the word before it: no space between them. */
  readonly glued?: boolean
}

/** A text whose words are coloured by how much they matter: on a terminal, as HTML, and in notebooks. */
export class ColouredText {
  constructor(
    readonly words: readonly WeighedWord[],
    /** What it is about, in a line of its own. */
    readonly title = '',
  ) {}

  /** For a terminal of 24-bit colour: what speaks for it on green, what speaks against it on red. */
  toANSI(): string {
    const painted = this.words.map(({ word, weight }) => {
      const [r, g, b] = colourOf(weight)
      return `\x1b[30;48;2;${r};${g};${b}m${plain(word)}\x1b[0m`
    })
    return [...(this.title ? [plain(this.title)] : []), this.#spaced(painted)].join('\n')
  }

  /** Words alone, those that matter most marked by their weight. */
  toText(): string {
    const line = this.words.map(({ word, weight }) =>
      Math.abs(weight) < 0.5 ? plain(word) : `${plain(word)}(${weight > 0 ? '+' : ''}${weight.toFixed(1)})`,
    )
    return [...(this.title ? [plain(this.title)] : []), this.#spaced(line)].join('\n')
  }

  /** A fragment of HTML that needs nothing else; words are escaped. */
  toHTML(): string {
    const spans = this.words.map(({ word, weight }) => {
      const style = `background:rgb(${colourOf(weight).join(',')});color:#000;padding:0 2px`
      return `<span style="${style}" title="${weight.toFixed(3)}">${escaped(word)}</span>`
    })
    const head = this.title ? `<strong>${escaped(this.title)}</strong> ` : ''
    return `<p style="line-height:1.7">${head}${this.#spaced(spans)}</p>`
  }

  #spaced(shown: readonly string[]): string {
    return shown.map((word, i) => (i === 0 || this.words[i]!.glued ? word : ` ${word}`)).join('')
  }

  toString(): string {
    return this.toANSI()
  }

  /** How a Deno notebook shows it. */
  [Symbol.for('Jupyter.display')](): Readonly<Record<string, string>> {
    return { 'text/html': this.toHTML(), 'text/plain': this.toText() }
  }
}

/** From red through white to green. */
function colourOf(weight: number): readonly [number, number, number] {
  const w = Math.max(-1, Math.min(1, weight))
  const fade = Math.round(255 - 155 * Math.abs(w))
  return w >= 0 ? [fade, 255, fade] : [255, fade, fade]
}

/** A word in one line, without what a terminal would act on. */
function plain(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ')
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escaped = (text: string) => plain(text).replace(/[&<>"']/g, (c) => entities[c]!)

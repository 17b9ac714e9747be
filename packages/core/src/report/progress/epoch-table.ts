import { displayWidth, padTo, printable } from '../console-text.js'

/** The lines of the table of a fit, in columns wide enough for a float of six decimals below a thousand. */
export class EpochTable {
  readonly #widths: readonly number[]

  constructor(readonly columns: readonly string[]) {
    this.#widths = columns.map((name) => Math.max(displayWidth(printable(name)), narrow.get(name) ?? 10))
  }

  header(): string {
    return this.line(this.columns)
  }

  line(values: readonly string[]): string {
    return values
      .map((value, i) => padTo(printable(value), this.#widths[i] ?? 0))
      .join('  ')
      .trimEnd()
  }
}

/** These hold no float. */
const narrow: ReadonlyMap<string, number> = new Map([
  ['epoch', 5],
  ['time', 5],
])

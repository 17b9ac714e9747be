import { EspalierError } from '@espalier/data'
import { displayWidth, formatFloat, padTo, printable } from './console-text.js'
import type { MimeBundle } from './figure.js'
import { element, escapeMarkup } from './markup.js'

/** What a cell holds. */
export type TableValue = string | number

/**
 * A small table of results. Whole numbers are shown as they are, others with six decimals; columns of numbers
 * stand flush right. Throws `table/row` when a row has another length than the header.
 *
 * @example
 * console.log(new Table(['actual', 'predicted', 'count'], [['beagle', 'basset_hound', 4]]).toText())
 */
export class Table {
  readonly #cells: readonly (readonly string[])[]
  readonly #numeric: readonly boolean[]

  constructor(
    readonly header: readonly string[],
    readonly rows: readonly (readonly TableValue[])[],
  ) {
    for (const [i, row] of rows.entries()) {
      if (row.length !== header.length) {
        throw new EspalierError(
          'table/row',
          `row ${i} of a table has ${row.length} values for ${header.length} columns (${header.join(', ')})`,
        )
      }
    }
    this.#cells = rows.map((row) => row.map(formatValue))
    this.#numeric = header.map((_, c) => rows.length > 0 && rows.every((row) => typeof row[c] === 'number'))
  }

  /** Columns of equal width for a terminal; control characters are left out, so that no value can drive it. */
  toText(): string {
    const lines = [this.header, ...this.#cells].map((cells) => cells.map(printable))
    const widths = this.header.map((_, c) => Math.max(...lines.map((cells) => displayWidth(cells[c]!))))
    return lines
      .map((cells) =>
        cells
          .map((cell, c) => padTo(cell, widths[c]!, this.#numeric[c]))
          .join('  ')
          .trimEnd(),
      )
      .join('\n')
  }

  /** A `<table>`, every value escaped. */
  toHTML(): string {
    const line = (cells: readonly string[], name: string) =>
      element(
        'tr',
        {},
        ...cells.map((cell, c) =>
          element(name, { class: this.#numeric[c] ? 'number' : undefined }, escapeMarkup(cell)),
        ),
      )
    const body = this.#cells.map((cells) => line(cells, 'td'))
    return element('table', {}, element('thead', {}, line(this.header, 'th')), element('tbody', {}, ...body))
  }

  /** How a Deno notebook shows it. */
  [Symbol.for('Jupyter.display')](): MimeBundle {
    return { 'text/html': this.toHTML(), 'text/plain': this.toText() }
  }
}

function formatValue(value: TableValue): string {
  return typeof value === 'string' ? value : Number.isInteger(value) ? String(value) : formatFloat(value)
}

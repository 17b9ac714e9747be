import { EspalierError } from '../errors.js'
import type { Card, Cell } from './block.js'

/** Writes a text to a file: how data, which knows no files, lets one be saved. */
export type TextWriter = (path: string, text: string) => Promise<void>

let writer: TextWriter | undefined

/** Says how {@link CardTable.save} writes; importing `@espalier/data/node` or core under Node does. */
export function setTextWriter(write: TextWriter | undefined): void {
  writer = write
}

/**
 * Samples as a table of text, for blocks that draw no pictures: a row for each sample, a column for each element. The
 * samples may still be on their way: the table is returned at once, and its methods wait.
 *
 * @example
 * console.log(await dls.showBatch({ maxN: 4 }).toText())
 */
export class CardTable {
  constructor(
    readonly cards: Promise<readonly Card[]>,
    readonly header: readonly string[] = [],
  ) {
    // A table that nobody looks at must not end the process; whoever does gets the error.
    cards.catch(() => {})
  }

  /** Columns of equal width; long texts are cut, control characters left out. */
  async toText({ maxWidth = 60 } = {}): Promise<string> {
    const rows = await this.#rows((text) => shortened(printable(text), maxWidth))
    const widths = rows[0]!.map((_, c) => Math.max(...rows.map((row) => row[c]!.length)))
    return rows
      .map((row) =>
        row
          .map((text, c) => text.padEnd(widths[c]!))
          .join('  ')
          .trimEnd(),
      )
      .join('\n')
  }

  /** A `<table>`, every text escaped. */
  async toHTML(): Promise<string> {
    const [head, ...body] = await this.#rows(escaped)
    const line = (row: readonly string[], tag: string) =>
      `<tr>${row.map((text) => `<${tag}>${text}</${tag}>`).join('')}</tr>`
    return `<table><thead>${line(head!, 'th')}</thead><tbody>${body.map((row) => line(row, 'td')).join('')}</tbody></table>`
  }

  /** Writes the table to a file: HTML where its name ends in `.html`, otherwise text. */
  async save(path: string): Promise<void> {
    const html = path.toLowerCase().endsWith('.html')
    const text = html ? `<!doctype html><meta charset="utf-8">${await this.toHTML()}` : await this.toText()
    if (!writer) {
      throw new EspalierError('table/save', `'${path}' cannot be written here`, {
        fix: "import '@espalier/data/node' or '@espalier/core', or use toText()",
      })
    }
    await writer(path, `${text}\n`)
  }

  /** What the table is, without waiting for its samples. */
  toString(): string {
    return '[samples: await toText() or save(path)]'
  }

  /** How a Deno notebook shows it. */
  async [Symbol.for('Jupyter.display')](): Promise<Readonly<Record<string, string>>> {
    return { 'text/html': await this.toHTML(), 'text/plain': await this.toText() }
  }

  async #rows(form: (text: string) => string): Promise<readonly (readonly string[])[]> {
    const cards = await this.cards
    const columns = Math.max(this.header.length, ...cards.map((card) => card.length))
    const names = Array.from({ length: columns }, (_, c) => form(this.header[c] ?? `element ${c}`))
    return [names, ...cards.map((card) => names.map((_, c) => form(card[c] ? textOf(card[c]) : '')))]
  }
}

function textOf(cell: Cell): string {
  if ('text' in cell) return cell.text
  const [h, w] = cell.pixels.shape
  return `${cell.pixels.kind ?? 'picture'} ${h} × ${w}`
}

/** Line ends and tabs become spaces; nothing is left that could drive a terminal. */
function printable(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/\p{Cc}|\p{Cf}/gu, '')
}

function shortened(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max - 1)}…` : text
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (c) => entities[c]!)
}

import { EspalierError } from '@espalier/data'
import type { Column, ColumnKind } from '../frame/column.js'
import { own } from '../frame/own.js'
import {
  BoolBuilder,
  type ColumnBuilder,
  DateBuilder,
  infinityOf,
  NumberBuilder,
  TextBuilder,
} from './column-builders.js'
import type { CsvPlan } from './csv-options.js'
import { dateParser, parseIsoDate } from './parse-date.js'

const decoder = new TextDecoder('utf-8')
const encoder = new TextEncoder()

/**
 * Reads the cells of one column. What it holds is told from the first rows, which are kept as texts until then; a
 * later cell of another kind is an error that names it.
 */
export class ColumnReader {
  #builder: ColumnBuilder | undefined
  #kind: ColumnKind | undefined
  #first: string[] = []
  readonly #na: ReadonlySet<string>
  #rows = 0
  /** Missing cells at the beginning, which tell nothing. */
  #missing = 0

  constructor(
    readonly name: string,
    readonly plan: CsvPlan,
  ) {
    this.#na = new Set(plan.naValues)
    const kind = own(plan.dates, name) ? 'date' : own(plan.types, name)
    if (kind) this.#begin(kind)
  }

  add(bytes: Uint8Array, start: number, end: number): void {
    const row = this.#rows++
    if (!this.#builder) {
      this.#first.push(decoder.decode(bytes.subarray(start, end)))
      if (this.#first.length >= this.plan.inferRows) this.#infer()
    } else if (!this.#builder.add(bytes, start, end)) this.#addOdd(bytes, start, end, row)
  }

  finish(): Column {
    if (!this.#builder) this.#infer()
    if (!this.#builder) {
      this.#begin('number')
      this.#addLeading()
    }
    return this.#builder!.finish()
  }

  /** A missing cell, or one of another kind. */
  #addOdd(bytes: Uint8Array, start: number, end: number, row: number): void {
    const text = decoder.decode(bytes.subarray(start, end))
    if (this.#na.has(text)) {
      this.#builder!.addMissing()
      return
    }
    const { name, plan } = this
    if (this.#kind === 'number' && infinityOf(bytes, start, end) !== 0) {
      throw new EspalierError(
        'csv/infinite',
        `row ${row} of ${plan.name} holds ${text} in column '${name}'`,
        {
          fix: "say infinite: 'missing' or 'keep'; or types: { … } where it is a text",
        },
      )
    }
    throw new EspalierError(
      'csv/type',
      `row ${row} of ${plan.name} holds '${shortened(text)}' in column '${name}', ${reasons[this.#kind!]}`,
      {
        fix:
          this.#kind === 'date'
            ? `write dates in one form and say which: dates: { ${key(name)}: 'DD.MM.YYYY' }; or types: { ${key(name)}: 'text' }`
            : `if it stands for a missing value say naValues: ['', '${shortened(text)}']; if the column holds texts say types: { ${key(name)}: 'text' }`,
      },
    )
  }

  /** Tells the kind from the texts that were kept, and adds them. */
  #infer(): void {
    const there = this.#first.filter((text) => !this.#na.has(text))
    if (there.length === 0) {
      this.#missing += this.#first.length
      this.#first = []
      return
    }
    const texts = this.#first
    this.#begin(kindOf(there))
    this.#addLeading()
    this.#first = []
    const from = this.#rows - texts.length
    for (const [i, text] of texts.entries()) {
      const bytes = encoder.encode(text)
      if (!this.#builder!.add(bytes, 0, bytes.length)) this.#addOdd(bytes, 0, bytes.length, from + i)
    }
  }

  #addLeading(): void {
    for (let i = 0; i < this.#missing; i++) this.#builder!.addMissing()
  }

  #begin(kind: ColumnKind): void {
    const { plan, name } = this
    const form = own(plan.dates, name)
    this.#kind = kind
    if (kind === 'number') this.#builder = new NumberBuilder(plan.infinite)
    else if (kind === 'text') this.#builder = new TextBuilder(plan.naValues)
    else if (kind === 'bool') this.#builder = new BoolBuilder()
    else this.#builder = new DateBuilder(form ? dateParser(form) : parseIsoDate)
  }
}

const reasons: Readonly<Record<ColumnKind, string>> = {
  number: 'which holds numbers',
  bool: 'which holds true and false',
  date: 'which holds dates in another form',
  text: 'which holds texts',
}

/** The kind that all of some texts have; without one they are texts. */
function kindOf(texts: readonly string[]): ColumnKind {
  const first = texts[0]!
  const all = (test: (text: string) => boolean) => test(first) && texts.every(test)
  if (all((text) => numeric.test(text) && !/^[+-]?\d{16,}$/.test(text))) return 'number'
  if (all((text) => /^(true|false)$/i.test(text))) return 'bool'
  return all((text) => !Number.isNaN(parseIsoDate(text))) ? 'date' : 'text'
}

const numeric = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf|infinity)$/i

/** A name as a key of an object. */
function key(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name)
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text
}

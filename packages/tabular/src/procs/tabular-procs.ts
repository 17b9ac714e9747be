import { describe, EspalierError, type Json, listed, type NdArray, ndArray } from '@espalier/data'
import { Column } from '../frame/column.js'
import { Frame } from '../frame/frame.js'
import { missingColumn } from '../frame/missing-column.js'
import { own } from '../frame/own.js'
import { FittedCategorify } from './categorify.js'
import { numeric } from './fill-missing.js'
import type { DecodeRowsOptions, FittedProc, Roles, TabularProc } from './proc.js'
import { rowNumber, withoutRowNumbers, withRowNumbers } from './row-number.js'

/** Rows as the model takes them. */
export interface Halves {
  /** Codes, int32 `[n, nCat]`. */
  readonly cats: NdArray<'int32'>
  /** Numbers, float32 `[n, nCont]`. */
  readonly conts: NdArray<'float32'>
}

/** Steps that have learned: from raw rows to what a model takes, and back. They apply to a single row as to a million. */
export class TabularProcs {
  constructor(
    readonly steps: readonly FittedProc[],
    /** The columns of raw rows that are read. */
    readonly input: Roles,
  ) {}

  /**
   * Lets steps learn from the rows at `train` of a frame, each from what those before it made; also the whole frame as
   * they leave it.
   */
  static fit(
    procs: readonly TabularProc[],
    frame: Frame,
    train: ArrayLike<number>,
    input: Roles,
  ): { readonly procs: TabularProcs; readonly encoded: Frame } {
    checkProcs(procs)
    const steps: FittedProc[] = []
    let roles = input
    let whole = withRowNumbers(frame)
    for (const proc of [...procs].sort((a, b) => a.order - b.order)) {
      if (proc.order >= 0) checkRoles(roles, whole)
      const step = proc.fit(whole.take(train), roles, whole)
      whole = step.encode(whole)
      roles = step.roles
      steps.push(step)
    }
    checkRoles(roles, whole)
    return { procs: new TabularProcs(steps, input), encoded: whole }
  }

  /** The columns that feed the model, flags for missing values among them. */
  get roles(): Roles {
    return this.steps.at(-1)?.roles ?? this.input
  }

  /** The classes of each categorical column, `#na#` first. */
  get classes(): Readonly<Record<string, readonly string[]>> {
    return this.#categorify?.classes ?? {}
  }

  /** What was learned by a step of some kind; undefined where there is none. */
  step<F extends FittedProc>(kind: new (...args: never[]) => F): F | undefined {
    return this.steps.find((s): s is F => s instanceof kind)
  }

  get #categorify(): FittedCategorify | undefined {
    return this.step(FittedCategorify)
  }

  /** The frame after all steps; columns that no step knows stay. */
  encode(frame: Frame): Frame {
    const numbered = this.steps.reduce((before, step) => step.encode(before), withRowNumbers(frame))
    return withoutRowNumbers(numbered)
  }

  /** The frame before all steps. */
  decode(frame: Frame, options: DecodeRowsOptions = {}): Frame {
    return this.steps.reduceRight((after, step) => step.decode(after, options), frame)
  }

  /** A frame of the columns of raw rows that are read, and of `more`; whatever else rows hold is let be. */
  frameOf(rows: readonly Readonly<Record<string, unknown>>[], more: readonly string[] = []): Frame {
    const { cats, conts } = this.input
    const read = [...new Set([...cats, ...conts, ...this.steps.flatMap((s) => s.reads ?? []), ...more])]
    for (const [i, row] of rows.entries()) {
      if (typeof row === 'object' && row !== null) continue
      throw new EspalierError(
        'procs/row',
        `a row is an object with a key for each column, got ${describe(row)} as row ${i}`,
        { fix: `it needs ${listed(read, 8)}` },
      )
    }
    const there = (name: string) => rows.length === 0 || rows.some((row) => Object.hasOwn(row, name))
    // A step that reads other columns may make this one of them.
    const absent = this.steps.some((s) => s.reads)
      ? undefined
      : [...cats, ...conts].find((name) => !there(name))
    if (absent !== undefined) {
      const who = rows.length > 1 ? 'no row has a' : 'the row has no'
      throw new EspalierError('procs/row', `${who} column '${absent}'`, {
        fix: `say ${absent}: null where it is not known`,
      })
    }
    return Frame.fromRows(rows, read.filter(there))
  }

  /** Raw rows as the model takes them. */
  halves(raw: Frame | Readonly<Record<string, unknown>>): Halves {
    return this.halvesOf(this.encode(raw instanceof Frame ? raw : this.frameOf([raw])))
  }

  /** Rows that all steps have seen, as the model takes them. */
  halvesOf(encoded: Frame): Halves {
    const { cats, conts } = this.roles
    const n = encoded.length
    const codes = new Int32Array(n * cats.length)
    for (const [c, name] of cats.entries()) {
      const column = this.#codes(encoded, name)
      for (let i = 0; i < n; i++) codes[i * cats.length + c] = column.data[i]!
    }
    const numbers = new Float32Array(n * conts.length)
    for (const [c, name] of conts.entries()) {
      const values = numeric(encoded, name).numbers()
      for (let i = 0; i < n; i++) {
        const at = i * conts.length + c
        numbers[at] = values[i]!
        if (!Number.isFinite(numbers[at]!)) throw notFinite(values[i]!, rowNumber(encoded, i), name)
      }
    }
    return {
      cats: ndArray('int32', [n, cats.length], codes),
      conts: ndArray('float32', [n, conts.length], numbers),
    }
  }

  /** What the model was given, as raw rows. */
  rowsOf({ cats, conts }: Partial<Halves>, options: DecodeRowsOptions = {}): Frame {
    const { roles } = this
    const columns = new Map<string, Column>()
    if (cats)
      for (const [c, name] of roles.cats.entries()) columns.set(name, new Column('number', strided(cats, c)))
    if (conts)
      for (const [c, name] of roles.conts.entries())
        columns.set(name, new Column('number', strided(conts, c)))
    const decoded = this.decode(new Frame(columns), options)
    const names = [...this.input.cats, ...this.input.conts].filter((name) => decoded.has(name))
    return decoded.select(names)
  }

  toJSON(): { readonly [key: string]: Json } {
    return {
      input: this.input as unknown as Json,
      steps: this.steps.map(({ name, toJSON }, i) => ({ name, state: toJSON.call(this.steps[i]) })),
    }
  }

  #codes(encoded: Frame, name: string): Column {
    const column = encoded.column(name)
    if (own(this.#categorify?.state.classes ?? {}, name)) return column
    throw new EspalierError('procs/codes', `column '${name}' is categorical but has no codes`, {
      fix: 'add categorify() to procs, or name the column in contNames',
    })
  }
}

function strided({ data, shape }: NdArray, c: number): Int32Array | Float64Array {
  const [n, width] = shape as [number, number]
  const of = (_: unknown, i: number) => data[i * width + c]!
  return data instanceof Int32Array
    ? Int32Array.from({ length: n }, of)
    : Float64Array.from({ length: n }, of)
}

function notFinite(value: number, row: number, name: string): EspalierError {
  return Number.isNaN(value)
    ? new EspalierError('procs/missing', `row ${row} has no value in column '${name}'`, {
        fix: 'add fillMissing() to procs, or leave such rows out',
      })
    : new EspalierError(
        'procs/infinite',
        `row ${row} holds ${value} in column '${name}', which is no number for a model`,
        {
          fix: 'leave such rows out, or make the value a missing one: null',
        },
      )
}

function checkRoles({ cats, conts }: Roles, frame: Frame): void {
  const names = [...cats, ...conts]
  if (names.length === 0) {
    throw new EspalierError('procs/none', 'there is no column to learn from', {
      fix: 'name some in catNames or contNames',
    })
  }
  const there = withoutRowNumbers(frame).names
  const absent = names.find((name) => !frame.has(name))
  if (absent !== undefined) throw missingColumn(absent, there)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice === undefined) return
  throw new EspalierError('procs/twice', `column '${twice}' is named twice among catNames and contNames`, {
    fix: 'a column is either categorical or continuous',
  })
}

function checkProcs(procs: unknown): asserts procs is readonly TabularProc[] {
  const wrong = Array.isArray(procs) ? procs.findIndex((p) => typeof p?.fit !== 'function') : 0
  if (Array.isArray(procs) && wrong < 0) return
  const got: unknown = Array.isArray(procs) ? procs[wrong] : procs
  throw new EspalierError('procs/invalid', `procs must be a list of steps, got ${describe(got)}`, {
    fix: fixOf(got),
  })
}

function fixOf(got: unknown): string {
  if (typeof got === 'function') return 'call it: procs: [categorify()]'
  if ((got as { readonly name?: unknown } | null | undefined)?.name === 'normalize')
    return "this one is for pictures: take normalize of '@espalier/tabular', which is normalizeColumns in 'espalier'"
  return 'say procs: [categorify(), fillMissing(), normalize()]'
}

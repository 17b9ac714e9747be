import { type AnyBlock, checkOptions, EspalierError, type NdArray, type Splits } from '@espalier/data'
import { dfShrink } from '../frame/df-shrink.js'
import { Frame } from '../frame/frame.js'
import { contCatSplit } from '../procs/cont-cat-split.js'
import type { DecodeRowsOptions, Roles, TabularProc } from '../procs/proc.js'
import { withoutRowNumbers } from '../procs/row-number.js'
import { type Halves, TabularProcs } from '../procs/tabular-procs.js'
import { type SplitOptions, splitFrame } from './split-frame.js'
import { inputsOf, TableDataset } from './table-dataset.js'
import { type TabularTarget, targetOf } from './tabular-target.js'

/** What a table's columns are for, how they are prepared, and which rows train. */
export interface TabularFrameOptions extends SplitOptions {
  /** What is predicted: a column or several. */
  readonly yNames: string | readonly string[]
  /** The categorical columns; without `contNames` either, columns are told apart by {@link contCatSplit}. */
  readonly catNames?: readonly string[]
  /** The continuous columns. Default, where `catNames` is said: all others. */
  readonly contNames?: readonly string[]
  /** Steps, in any order: each has its place. Default none. */
  readonly procs?: readonly TabularProc[]
  /** How targets are encoded. Default: numbers as numbers, several columns of true and false as labels, all else as a class. */
  readonly yBlock?: AnyBlock
  /** Takes the text of a target apart into several labels. */
  readonly labelDelim?: string
  /** Keeps numbers in the smallest type that holds them, as float32 where they are no whole numbers. Default true. */
  readonly reduceMemory?: boolean
  /** Of the random split. Default 42. */
  readonly seed?: number
}

/** The names in {@link TabularFrameOptions}. */
export const tabularFrameOptionNames: readonly string[] = Object.keys({
  ...{ yNames: true, catNames: true, contNames: true, procs: true, yBlock: true, labelDelim: true },
  ...{ reduceMemory: true, seed: true, splitter: true, splits: true, validPct: true },
} satisfies Readonly<Record<keyof TabularFrameOptions, true>>)

/**
 * A table made ready for a model (fastai's `TabularPandas`): steps have learned from the rows that train, and have been
 * applied to all.
 *
 * @example
 * const to = tabularFrame(frame, { yNames: 'income', procs: [categorify(), fillMissing(), normalize()] })
 * to.xs.head() // codes and normalized numbers
 */
export class TabularFrame {
  constructor(
    /** The rows as they were given. */
    readonly items: Frame,
    readonly splits: Splits,
    readonly procs: TabularProcs,
    readonly y: TabularTarget | undefined,
    /** The rows after all steps. */
    readonly encoded: Frame,
  ) {}

  get catNames(): readonly string[] {
    return this.procs.roles.cats
  }

  get contNames(): readonly string[] {
    return this.procs.roles.conts
  }

  get yNames(): readonly string[] {
    return this.y?.yNames ?? []
  }

  /** The classes of each categorical column, `#na#` first. */
  get classes(): Readonly<Record<string, readonly string[]>> {
    return this.procs.classes
  }

  /** What a model sees: codes of categorical columns, then numbers of continuous ones. */
  get xs(): Frame {
    return this.encoded.select([...this.catNames, ...this.contNames])
  }

  get cats(): Frame {
    return this.encoded.select(this.catNames)
  }

  get conts(): Frame {
    return this.encoded.select(this.contNames)
  }

  /** The targets as they were given. */
  get ys(): Frame {
    return this.items.select(this.yNames)
  }

  /** What a model sees, as arrays. */
  get halves(): Halves {
    return this.procs.halvesOf(this.encoded)
  }

  /** The targets as an array: int32 `[n]` of a category, else float32 `[n, k]`. */
  get targets(): NdArray {
    if (this.y) return this.y.read(this.items)
    throw new EspalierError('tabular/y-names', 'these rows have no target', {
      fix: 'they were made with new() or test()',
    })
  }

  /** The rows that train. */
  get train(): TabularFrame {
    return this.part(0)
  }

  get valid(): TabularFrame {
    return this.part(1)
  }

  /** One part of the rows: 0 trains, 1 validates. */
  part(i: number): TabularFrame {
    const positions = this.splits[i] ?? []
    const all = positions.map((_, k) => k)
    return new TabularFrame(
      this.items.take(positions),
      [all, []],
      this.procs,
      this.y,
      this.encoded.take(positions),
    )
  }

  /** Rows as they were before the steps, from what the model sees; target columns are left out. */
  decode(options: DecodeRowsOptions = {}): Frame {
    return this.procs.rowsOf(this.halves, options)
  }

  /** The first rows, decoded, with their targets. */
  show(n = 10) {
    const rows = this.decode().head(n)
    return rows
      .assign(
        Object.fromEntries(this.yNames.map((name) => [name, this.items.column(name).values().slice(0, n)])),
      )
      .show(n)
  }

  /** Other rows prepared as these were; they need no target (fastai's `new` and `process`). */
  test(frame: Frame): TabularFrame {
    const y = this.y && this.yNames.every((name) => frame.has(name)) ? this.y : undefined
    const all = Array.from({ length: frame.length }, (_, i) => i)
    return new TabularFrame(frame, [all, []], this.procs, y, withoutRowNumbers(this.procs.encode(frame)))
  }

  /** The rows of each part as loaders take them. */
  datasets(): TableDataset[] {
    const arrays = [...inputsOf(this.halves), this.targets]
    return this.splits.map((positions) => new TableDataset(arrays, Int32Array.from(positions)))
  }
}

/** Prepares a table; see {@link TabularFrame}. */
export function tabularFrame(frame: Frame, options: TabularFrameOptions): TabularFrame {
  checkOptions('tabularFrame', options, tabularFrameOptionNames)
  if (!(frame instanceof Frame)) {
    throw new EspalierError('tabular/frame', 'a table is made ready from a frame', {
      fix: "read one: await readCsv('adult.csv'), or Frame.fromRows(rows)",
    })
  }
  const { procs = [], reduceMemory = true, seed = 42, yBlock, labelDelim } = options
  const yNames = [options.yNames ?? []].flat()
  const splits = splitFrame(frame, options, seed)
  const y = targetOf(frame, splits[0], { yNames, yBlock, labelDelim })
  const roles = rolesOf(frame, options, yNames)
  // A category must be told from others as it was written: what comes later is no float32.
  const skip = [...yNames, ...roles.cats]
  const small = reduceMemory ? dfShrink(frame, { skip }) : frame
  const fitted = TabularProcs.fit(procs, small, splits[0], roles)
  return new TabularFrame(frame, splits, fitted.procs, y, fitted.encoded)
}

function rolesOf(
  frame: Frame,
  { catNames, contNames }: TabularFrameOptions,
  yNames: readonly string[],
): Roles {
  const target = [...(catNames ?? []), ...(contNames ?? [])].find((name) => yNames.includes(name))
  if (target !== undefined) {
    throw new EspalierError(
      'tabular/leak',
      `the target '${target}' is also among the columns that predict it`,
      {
        fix: 'leave it out of catNames and contNames',
      },
    )
  }
  if (!catNames && !contNames) {
    const found = contCatSplit(frame, { depVar: yNames })
    return { cats: found.catNames, conts: found.contNames }
  }
  const cats = catNames ?? []
  const rest = () => frame.names.filter((name) => !cats.includes(name) && !yNames.includes(name))
  return { cats, conts: contNames ?? rest() }
}

import {
  type AnyBlock,
  type Block,
  Categorize,
  categoryBlock,
  describe,
  EncodedMultiCategorize,
  EspalierError,
  listed,
  MultiCategorize,
  multiCategoryBlock,
  type NdArray,
  ndArray,
  RegressionSetup,
  regressionBlock,
  type Target,
  type Transform,
} from '@espalier/data'
import type { Column } from '../frame/column.js'
import type { Frame } from '../frame/frame.js'
import { byCodePoint } from '../frame/texts.js'

/** What is predicted, and how. */
export interface TargetOptions {
  readonly yNames: readonly string[]
  /** Default: numbers are predicted as numbers, several columns of true and false as labels, all else as a class. */
  readonly yBlock?: AnyBlock | undefined
  /** Takes a text of several labels apart. */
  readonly labelDelim?: string | undefined
}

/** Reads the targets of rows. */
export interface TabularTarget {
  readonly yNames: readonly string[]
  readonly target: Target & Transform
  /** Of the rows of a frame: int32 `[n]` of a category, float32 `[n, k]` of all else. Throws where a row has none. */
  read(frame: Frame): NdArray
  /** What takes a text of several labels apart. */
  readonly labelDelim?: string
}

/** Finds out what is predicted; classes are those of the rows at `train`. */
export function targetOf(frame: Frame, train: readonly number[], options: TargetOptions): TabularTarget {
  const { yNames, labelDelim } = options
  if (yNames.length === 0) throw noTarget(frame)
  const columns = yNames.map((name) => frame.column(name))
  const block = options.yBlock ?? usualBlock(columns, yNames, labelDelim)
  const target = block.typeTfms().find((t) => typeof t === 'object' && 'read' in t)
  return readerOf(yNames, fitted(frame, train, yNames, target, labelDelim), labelDelim)
}

/** A target that knows its classes. */
function fitted(
  frame: Frame,
  train: readonly number[],
  yNames: readonly string[],
  target: unknown,
  labelDelim: string | undefined,
): unknown {
  const [name] = yNames as [string]
  if (target instanceof Categorize && !target.options.vocab && yNames.length === 1) {
    const { addNa = false, sort = true } = target.options
    const vocab = classesOf(frame.column(name).take(train), name, sort, addNa)
    return new Categorize({ vocab, addNa })
  }
  if (target instanceof MultiCategorize && yNames.length > 1) {
    return new EncodedMultiCategorize({ vocab: yNames, thresh: target.thresh })
  }
  if (target instanceof MultiCategorize && !target.options.vocab && labelDelim !== undefined) {
    const column = frame.column(name)
    const parts = takenApart(column, labelDelim)
    const seen = new Set(train.flatMap((i) => (column.isMissing(i) ? [] : parts[column.data[i]!]!)))
    const { addNa = false } = target.options
    return new MultiCategorize({ vocab: [...seen].sort(byCodePoint), addNa, thresh: target.thresh })
  }
  if (target instanceof RegressionSetup) return new RegressionSetup({ nOut: yNames.length })
  return target
}

/** Reads targets of a kind, whose classes are known, from columns. */
export function readerOf(yNames: readonly string[], target: unknown, labelDelim?: string): TabularTarget {
  const of = (read: TabularTarget['read']) => ({
    yNames,
    target: target as Target & Transform,
    read,
    ...(labelDelim !== undefined && { labelDelim }),
  })
  if (target instanceof Categorize) return of(categoryReader(yNames, target))
  if (target instanceof MultiCategorize) return of(labelsReader(yNames[0]!, target, labelDelim))
  if (target instanceof EncodedMultiCategorize) return of(encodedReader(yNames, target))
  if (target instanceof RegressionSetup) return of((frame) => matrix(frame, yNames, Number.isFinite))
  throw new EspalierError('tabular/y-block', `a table cannot predict ${describe(target)}`, {
    fix: 'say yBlock: categoryBlock(), regressionBlock() or multiCategoryBlock()',
  })
}

function usualBlock(
  columns: readonly Column[],
  yNames: readonly string[],
  labelDelim: string | undefined,
): Block<never> {
  if (labelDelim !== undefined) return multiCategoryBlock() as Block<never>
  if (columns.every((c) => c.kind === 'number')) return regressionBlock() as Block<never>
  if (columns.length === 1) return categoryBlock() as Block<never>
  if (columns.every((c) => c.kind === 'bool')) return multiCategoryBlock() as Block<never>
  throw new EspalierError(
    'tabular/y-block',
    `the columns ${listed(yNames)} hold ${listed(columns.map((c) => c.kind))}: they are no one target`,
    {
      fix: 'predict a single category, numbers, or labels that are true or false',
    },
  )
}

function categoryReader(yNames: readonly string[], target: Categorize): TabularTarget['read'] {
  const [name, ...more] = yNames as [string, ...string[]]
  if (more.length > 0) {
    throw new EspalierError(
      'tabular/y-block',
      `one category can be predicted, there are ${yNames.length}: ${listed(yNames)}`,
      {
        fix: 'train a model for each, or say yBlock: multiCategoryBlock() where they are true or false',
      },
    )
  }
  const { addNa = false } = target.options
  const known = new Map(target.vocab.map((label, i) => [label, i]))
  return (frame) => {
    const column = frame.column(name)
    const codes = Int32Array.from({ length: column.length }, (_, i) => {
      const value = column.at(i)
      if (value === null && !addNa) throw missing(name, i)
      const code = value === null ? 0 : (known.get(String(value)) ?? (addNa ? 0 : undefined))
      if (code !== undefined) return code
      throw unseenTarget(
        `row ${i} holds '${String(value)}' in the target '${name}'`,
        target.vocab,
        'leave such rows out, train on some of them, or say yBlock: categoryBlock({ addNa: true })',
      )
    })
    return ndArray('int32', [column.length], codes, 'category')
  }
}

/** The labels of the rows that train, sorted: numbers by their size. */
function classesOf(column: Column, name: string, sort: boolean, addNa: boolean): string[] {
  const values = column.unique()
  if (values.length === 0 || (values.length === 1 && !addNa)) {
    throw new EspalierError(
      'tabular/one-class',
      `all training rows have ${values.length ? `'${String(values[0])}'` : 'nothing'} in the target '${name}'`,
      {
        fix: 'a classifier needs at least two classes: check the column and the split',
      },
    )
  }
  if (sort && column.kind === 'text') (values as string[]).sort(byCodePoint)
  else if (sort) values.sort((a, b) => Number(a) - Number(b))
  return values.map(String)
}

function labelsReader(
  name: string,
  target: MultiCategorize,
  delim: string | undefined,
): TabularTarget['read'] {
  if (delim === undefined) {
    throw new EspalierError('tabular/y-block', `the labels of column '${name}' must be taken apart`, {
      fix: "say labelDelim: ' ', or name a column of true and false for each label in yNames",
    })
  }
  const { addNa = false } = target.options
  const known = new Map(target.vocab.map((label, i) => [label, i]))
  return (frame) => {
    const column = frame.column(name)
    const parts = takenApart(column, delim)
    const k = target.vocab.length
    const data = new Float32Array(column.length * k)
    for (let i = 0; i < column.length; i++) {
      if (column.isMissing(i)) continue // No label at all.
      for (const label of parts[column.data[i]!]!) {
        const at = known.get(label) ?? (addNa ? 0 : undefined)
        if (at === undefined) {
          const what = `row ${i} has the label '${label}' in the target '${name}'`
          throw unseenTarget(what, target.vocab, 'leave such rows out')
        }
        data[i * k + at] = 1
      }
    }
    return ndArray('float32', [column.length, k], data, 'multicategory')
  }
}

/** The labels of each text of a column. */
function takenApart({ vocab }: Column, delim: string): string[][] {
  return vocab.map((text) => (text === '' ? [] : text.split(delim).map((label) => label.trim())))
}

function encodedReader(yNames: readonly string[], target: EncodedMultiCategorize): TabularTarget['read'] {
  if (target.vocab.length !== yNames.length) {
    throw new EspalierError(
      'tabular/y-block',
      `there are ${yNames.length} columns of labels, the vocabulary has ${target.vocab.length}`,
    )
  }
  return (frame) => ({ ...matrix(frame, yNames, (v) => v === 0 || v === 1), kind: 'multicategory' })
}

/** Columns of numbers side by side, float32 `[n, k]`. */
function matrix(frame: Frame, names: readonly string[], fits: (v: number) => boolean): NdArray<'float32'> {
  const k = names.length
  const data = new Float32Array(frame.length * k)
  for (const [c, name] of names.entries()) {
    const column = frame.column(name)
    if (column.kind === 'text' || column.kind === 'date') {
      throw new EspalierError(
        'tabular/target',
        `the target '${name}' holds ${column.kind === 'text' ? 'texts' : 'dates'}, not numbers`,
        {
          fix: 'to predict a class say yBlock: categoryBlock()',
        },
      )
    }
    const values = column.numbers()
    for (let i = 0; i < values.length; i++) {
      if (Number.isNaN(values[i]!)) throw missing(name, i)
      if (!fits(values[i]!)) {
        throw new EspalierError(
          'tabular/target',
          `row ${i} holds ${describe(column.at(i))} in the target '${name}'`,
          {
            fix: 'a number must be finite, an encoded label 0 or 1',
          },
        )
      }
      data[i * k + c] = values[i]!
    }
  }
  return ndArray('float32', [frame.length, k], data)
}

function missing(name: string, row: number): EspalierError {
  return new EspalierError('tabular/missing-target', `row ${row} has no value in the target '${name}'`, {
    fix: `leave such rows out: frame.filter((row) => row['${name}'] !== null)`,
  })
}

function noTarget(frame: Frame): EspalierError {
  return new EspalierError('tabular/y-names', 'nobody said which column is to be predicted', {
    fix: `say yNames: '${frame.names.at(-1) ?? 'income'}'`,
  })
}

function unseenTarget(what: string, vocab: readonly string[], fix: string): EspalierError {
  return new EspalierError(
    'tabular/unseen-target',
    `${what}, which is not among the classes of the training rows`,
    {
      fix: `the classes are ${listed(vocab)}: ${fix}`,
    },
  )
}

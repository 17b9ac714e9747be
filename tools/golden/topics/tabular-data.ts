import { type NdArray, ndArray, type Splits } from '@espalier/data'
import {
  type AddDatepartOptions,
  addDatepart,
  Column,
  categorify,
  columnOf,
  contCatSplit,
  dfShrink,
  embSzRule,
  Frame,
  fillMissing,
  getEmbSz,
  normalize,
  TabularDataLoaders,
  type TabularFrame,
  type TabularProc,
  tabularFrame,
} from '@espalier/tabular'
import { compare, type GoldenCase } from '@espalier/testkit'
import { type Check, checkValue, unmet } from '../check.js'

type Config = Readonly<Record<string, unknown>>
type Cells = readonly (readonly unknown[])[]

/** The sizes of embeddings. */
export function runEmbSizes(golden: GoldenCase): Check[] {
  const rows = golden.json.expected['rows'] as readonly (readonly [number, number])[]
  return [
    checkValue(
      golden,
      'rows',
      rows.map(([n]) => [n, embSzRule(n)]),
    ),
    ...unmet(golden, ['rows']),
  ]
}

interface DateConfig {
  readonly dates: readonly (string | null)[]
  readonly times?: readonly string[]
  readonly field: string
  readonly prefix?: string
  readonly drop?: boolean
  readonly time?: boolean
}

/** The parts of dates, and with times of day. */
export function runDateparts(golden: GoldenCase): Check[] {
  const { dates, times, field, prefix, drop, time, ...rest } = golden.json.config as Config & DateConfig
  known(golden, rest, [])
  const options = {
    ...(prefix !== undefined && { prefix }),
    ...(drop !== undefined && { drop }),
    ...(time !== undefined && { time }),
  }
  const checks = checkParts(golden, golden.json.expected, dates, field, options)
  if (times) {
    const moments = dates.map((date, i) => date && `${date} ${times[i]}`)
    const { with_time: expected } = golden.json.expected as { readonly with_time: Config }
    checks.push(...checkParts(golden, expected, moments, field, { ...options, time: true }))
  }
  return [...checks, ...unmet(golden, ['columns', 'rows', 'with_time'])]
}

function checkParts(
  golden: GoldenCase,
  expected: Config,
  dates: readonly (string | null)[],
  field: string,
  options: AddDatepartOptions,
): Check[] {
  // Where a case does not write the prefix down, the names tell it.
  const year = (expected['columns'] as readonly string[]).find((name) => name.endsWith('Year'))!
  const prefix = options.prefix ?? year.replace(/Year$/, '')
  const usual = field.replace(/[Dd]ate$/, '')
  const frame = Frame.fromColumns({ [field]: columnOf(dates, field) })
  const parts = addDatepart(frame, field, { ...options, ...(prefix !== usual && { prefix }) })
  return [
    checkValue(golden, 'columns', parts.names, expected['columns']),
    checkValue(golden, 'rows', cellsOf(parts), expected['rows']),
  ]
}

/** Which columns are continuous, and the types of a frame made smaller. */
export function runContCatSplit(golden: GoldenCase): Check[] {
  known(golden, golden.json.config, [])
  const { frame } = inputFrame(golden)
  const rows = golden.json.expected['splits'] as readonly {
    readonly max_card?: number
    readonly dep_var?: string | readonly string[] | null
  }[]
  const splits = rows.map((row) => {
    const { max_card, dep_var } = row
    const options = {
      ...(max_card !== undefined && { maxCard: max_card }),
      ...(dep_var && { depVar: dep_var }),
    }
    const { contNames, catNames } = contCatSplit(frame, options)
    return { ...row, cont: contNames, cat: catNames }
  })
  const types = (f: Frame) => Object.fromEntries(f.names.map((name) => [name, f.column(name).dtype]))
  return [
    checkValue(golden, 'splits', splits),
    checkValue(golden, 'df_shrink', types(dfShrink(frame))),
    checkValue(golden, 'df_shrink_int2uint', types(dfShrink(frame, { int2uint: true }))),
    ...unmet(golden, ['splits', 'df_shrink', 'df_shrink_int2uint']),
  ]
}

/** A table prepared by steps. */
export async function runTable(golden: GoldenCase): Promise<Check[]> {
  const { procs, cat_names, cont_names, y_names, fill, add_col, reduce_memory, ...rest } = golden.json
    .config as Config & {
    readonly procs: readonly string[]
    readonly cat_names: readonly string[]
    readonly cont_names: readonly string[]
    readonly y_names: string | readonly string[]
    readonly fill?: string
    readonly add_col?: boolean
    readonly reduce_memory?: boolean
  }
  known(golden, rest, [])
  const { frame, splits } = inputFrame(golden)
  const steps: Readonly<Record<string, () => TabularProc>> = {
    Categorify: () => categorify({ classesOf: reduce_memory === false ? 'train' : 'all' }),
    FillMissing: () => fillMissing({ ...filling(fill), ...(add_col !== undefined && { addCol: add_col }) }),
    Normalize: () => normalize(),
  }
  const made = procs.map((name) => steps[name]!())
  const to = tabularFrame(frame, {
    ...{ yNames: y_names, catNames: cat_names, contNames: cont_names, procs: made, splits },
    reduceMemory: reduce_memory !== false,
  })
  return [
    checkValue(golden, 'cat_names', to.catNames),
    checkValue(golden, 'cont_names', to.contNames),
    checkValue(golden, 'y_names', to.yNames),
    checkValue(golden, 'classes', classesOf(to, frame)),
    checkValue(golden, 'emb_szs', getEmbSz(to)),
    checkValue(golden, 'procs_order', orderOf(made, to)),
    ...checkLearned(golden, to),
    ...checkRows(golden, to),
    ...(await checkBatch(golden, to)),
    ...unmet(golden, tableKeys),
  ]
}

const tableKeys = [
  ...['cat_names', 'cont_names', 'y_names', 'classes', 'emb_szs', 'procs_order', 'na_dict', 'y_vocab'],
  ...['means', 'stds', 'train', 'valid', 'test_set', 'valid_first_batch', 'decode_row_first_valid'],
]

/** What the steps learned. */
function checkLearned(golden: GoldenCase, to: TabularFrame): Check[] {
  const states = Object.assign({}, ...to.procs.steps.map((step) => step.toJSON())) as Config
  const vocab = to.y!.target.vocab
  const learned = { na_dict: states['fills'], means: states['means'], stds: states['stds'], y_vocab: vocab }
  return Object.entries(learned).flatMap(([key, got]) =>
    key in golden.json.expected || got !== undefined ? [checkValue(golden, key, got)] : [],
  )
}

/** The rows of each part, rows that no part has, and a row undone. */
function checkRows(golden: GoldenCase, to: TabularFrame): Check[] {
  const { expected } = golden.json as { readonly expected: Readonly<Record<string, Config>> }
  const checks = (['train', 'valid'] as const).flatMap((name) => {
    const part = to[name]
    const got: Config = { ...part.halves, ys: part.targets }
    return Object.entries(expected[name]!).map(([key, want]) =>
      checkMatrix(golden, `${name}.${key}`, got[key], want),
    )
  })
  const { test_set, decode_row_first_valid: first } = expected
  if (test_set) {
    const { columns, rows, ...halves } = test_set as Config & { columns: readonly string[]; rows: Cells }
    const got: Config = { ...to.test(frameOf(columns, rows)).halves }
    for (const [key, want] of Object.entries(halves))
      checks.push(checkMatrix(golden, `test_set.${key}`, got[key], want))
  }
  if (first) {
    const row = to.valid.decode({ filled: true }).row(0)
    checks.push(checkValue(golden, 'decode_row_first_valid', row))
  }
  return checks
}

async function checkBatch(golden: GoldenCase, to: TabularFrame): Promise<Check[]> {
  const want = golden.json.expected['valid_first_batch'] as readonly Cells[] | undefined
  if (!want) return []
  const dls = TabularDataLoaders.of(to, { bs: want[0]!.length })
  const { arrays } = await dls.oneBatch({ valid: true })
  // A batch of ours leaves out a half without columns.
  const there = want.filter((cells) => !shapeOf(cells).includes(0))
  return there.map((cells, i) => checkMatrix(golden, `valid_first_batch[${i}]`, arrays[i], cells))
}

/** Users, items and ratings. */
export async function runCollabData(golden: GoldenCase): Promise<Check[]> {
  const { splits, ...rest } = golden.json.config as Config & { readonly splits: Splits }
  known(golden, rest, [])
  const expected = golden.json.expected as {
    readonly classes: Readonly<Record<string, readonly unknown[]>>
    readonly [key: string]: unknown
  }
  const rows = givenValue(golden, 'ratings') as Cells
  const [user, item] = Object.keys(expected.classes) as [string, string]
  const frame = frameOf([user, item, 'rating'], rows)
  const to = tabularFrame(frame, {
    ...{ yNames: 'rating', catNames: [user, item], contNames: [], splits },
    procs: [categorify({ classesOf: 'all' })],
  })
  const numbers = (name: string) => frame.column(name).kind === 'number'
  const classes = Object.fromEntries(
    to.catNames.map((name) => [
      name,
      to.classes[name]!.map((label, i) => (i > 0 && numbers(name) ? Number(label) : label)),
    ]),
  )
  return [
    checkValue(golden, 'classes', classes),
    checkValue(golden, 'emb_szs', getEmbSz(to)),
    checkMatrix(golden, 'train', to.train.halves.cats, expected['train']),
    checkMatrix(golden, 'valid', to.valid.halves.cats, expected['valid']),
    checkMatrix(
      golden,
      'train_y',
      ndArray('float32', [splits[0].length], to.train.targets.data as Float32Array),
      expected['train_y'],
    ),
    ...unmet(golden, ['classes', 'emb_szs', 'train', 'valid', 'train_y']),
  ]
}

/** How numbers that are missing are filled: `mode`, or `constant age=-1 score=7`. */
function filling(fill = 'median') {
  const [strategy, ...values] = fill.split(' ')
  const fillVals = Object.fromEntries(
    values.map((value) => [value.split('=')[0]!, Number(value.split('=')[1])]),
  )
  return { fillStrategy: strategy as 'median', fillVals }
}

/** Classes as Python writes them. */
function classesOf(to: TabularFrame, frame: Frame): Record<string, string[]> {
  const written = (name: string) => (label: string, i: number) => {
    if (i === 0) return label
    const column = frame.has(name) ? frame.column(name) : undefined
    if (!column || column.kind === 'bool') return label[0]!.toUpperCase() + label.slice(1)
    return column.kind === 'number' && column.isFloat && /^-?\d+$/.test(label) ? `${label}.0` : label
  }
  return Object.fromEntries(to.catNames.map((name) => [name, to.classes[name]!.map(written(name))]))
}

const pythonNames: Readonly<Record<string, string>> = {
  ...{ fillMissing: 'FillMissing', categorify: 'Categorify', normalize: 'Normalize' },
  ...{ categorize: 'Categorize', regressionSetup: 'RegressionSetup', multiCategorize: 'MultiCategorize' },
}

/** The steps and that of the target, in the order in which they run. */
function orderOf(procs: readonly TabularProc[], { y }: TabularFrame): string[] {
  return [...procs, y!.target]
    .sort((a, b) => (a.order ?? 0) - (b.order ?? 0))
    .map(({ name }) => pythonNames[name] ?? name)
}

function checkMatrix(golden: GoldenCase, key: string, got: unknown, want: unknown): Check {
  const array = got as NdArray | undefined
  const shape = shapeOf(want)
  const values = [want].flat(Number.POSITIVE_INFINITY) as number[]
  // Codes are exact whatever the tolerance of a case is; those of a target are a column there and a list here.
  const exact = array?.dtype === 'int32'
  const { rtol, atol } = exact ? { rtol: 0, atol: 0 } : golden.json.tolerance
  const column = array?.kind === 'category' && shape.length === 2 && shape[1] === 1
  const found = { shape: column ? [...array.shape, 1] : (array?.shape ?? []), values: array?.data ?? [] }
  return compare(key, found, { shape, values, rtol, atol })
}

function shapeOf(value: unknown): number[] {
  return Array.isArray(value) ? [value.length, ...shapeOf(value[0])] : []
}

function inputFrame(golden: GoldenCase): { readonly frame: Frame; readonly splits: Splits } {
  const { columns, rows, splits } = givenValue(golden, 'frame') as {
    readonly columns: readonly string[]
    readonly rows: Cells
    readonly splits: Splits
  }
  return { frame: frameOf(columns, rows), splits }
}

function givenValue(golden: GoldenCase, name: string): unknown {
  return (golden.json.inputs as Readonly<Record<string, { readonly value: unknown }>>)[name]!.value
}

/** A frame as pandas would have it: whole numbers some of which are missing are floats there. */
function frameOf(columns: readonly string[], rows: Cells): Frame {
  const columnAt = (name: string, c: number) => {
    const column = columnOf(
      rows.map((row) => row[c]),
      name,
    )
    return column.kind === 'number' && column.mask ? new Column('number', column.numbers()) : column
  }
  return new Frame(new Map(columns.map((name, c) => [name, columnAt(name, c)])))
}

function cellsOf(frame: Frame): unknown[][] {
  return frame.rows().map((row) => Object.values(row))
}

/** Throws where a case has options that nothing reads. */
function known(golden: GoldenCase, rest: Config, names: readonly string[]): void {
  const stray = Object.keys(rest).find((name) => !names.includes(name))
  if (stray !== undefined) throw new Error(`${golden.name}: nothing reads the option '${stray}'`)
}

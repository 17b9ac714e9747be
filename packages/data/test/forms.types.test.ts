import {
  attrGetter,
  type Block,
  type CardTable,
  Categorize,
  type CategoryPrediction,
  categoryBlock,
  colReader,
  colSplitter,
  DataBlock,
  DataLoaders,
  dataBlock,
  datasets,
  grandparentSplitter,
  itemGetter,
  type MultiCategoryPrediction,
  multiCategoryBlock,
  type NdArray,
  ndArray,
  OneHotEncode,
  randomSplitter,
  regexLabeller,
  regressionBlock,
  type Splitter,
  tfmdLists,
  transformBlock,
  usingAttr,
} from '@espalier/data'
import { expect, expectTypeOf, it } from 'vitest'

// The compiler checks these (`types`); running them only shows that they load.

interface Row {
  readonly file: string
  readonly tags: string
  readonly size: number
  readonly is_valid: boolean
}
const rows = (source: readonly Row[]) => source
const fileBlock = transformBlock({ typeTfms: () => [(file: string) => ndArray('uint8', [1], [file.length])] })

type Loaders<B extends { dataLoaders(...args: never): unknown }> = Awaited<ReturnType<B['dataLoaders']>>
type Predicts<D extends { readonly target: unknown }> =
  NonNullable<D['target']> extends { read(a: Float32Array): infer P } ? P : never

it('blocks decide what batches hold and what predictions are', () => {
  const many = dataBlock({
    blocks: [fileBlock, multiCategoryBlock()],
    getItems: rows,
    getX: colReader('file', { pref: 'images/' }),
    getY: colReader('tags', { labelDelim: ' ' }),
  })
  expectTypeOf<Loaders<typeof many>>().toEqualTypeOf<
    DataLoaders<readonly [NdArray<'uint8'>, NdArray<'float32'>], MultiCategoryPrediction, CardTable>
  >()
  const one = dataBlock({
    blocks: [fileBlock, regressionBlock()],
    getItems: rows,
    getX: attrGetter('file'),
    getY: attrGetter('size'),
  })
  expectTypeOf<Predicts<Loaders<typeof one>>>().toEqualTypeOf<number>()
  const two = dataBlock({
    blocks: [fileBlock, regressionBlock({ nOut: 2 })],
    getItems: rows,
    getX: attrGetter('file'),
    getY: (row) => [row.size, 2],
  })
  expectTypeOf<Predicts<Loaders<typeof two>>>().toEqualTypeOf<number[]>()
  const three = dataBlock({
    blocks: [fileBlock, regressionBlock(), categoryBlock()],
    getItems: rows,
    getters: [attrGetter('file'), attrGetter('size'), attrGetter('tags')],
  })
  expectTypeOf<Loaders<typeof three>['train']['dataset']>().not.toBeAny()
  expectTypeOf<Awaited<ReturnType<Loaders<typeof three>['oneBatch']>>['arrays']>().toEqualTypeOf<
    readonly [NdArray<'uint8'>, NdArray<'float32'>, NdArray<'int32'>]
  >()
})

it('a single block may make several elements', () => {
  const pair: Block<string, readonly [NdArray<'uint8'>, NdArray<'uint8'>, NdArray<'bool'>]> = {
    name: 'pair',
    typeTfms: () => [(s: string) => [ndArray('uint8', [1], [1]), ndArray('uint8', [1], [2]), s === 'a']],
  }
  const block = dataBlock({ blocks: [pair], getItems: (source: readonly string[]) => source, nInp: 2 })
  expectTypeOf<Awaited<ReturnType<Loaders<typeof block>['oneBatch']>>['arrays']>().toEqualTypeOf<
    readonly [NdArray<'uint8'>, NdArray<'uint8'>, NdArray<'bool'>]
  >()
})

it('the steps of a block decide what its getter returns and what it is in a batch', () => {
  expectTypeOf(fileBlock).toEqualTypeOf<Block<string, NdArray<'uint8'>, unknown, CardTable>>()
  const scalar = transformBlock({
    typeTfms: () => [async (file: string) => file.length, (n: number) => n / 2],
  })
  expectTypeOf(scalar).toEqualTypeOf<Block<string, NdArray<'float32'>, unknown, CardTable>>()
  const drawn = transformBlock({ typeTfms: () => [new Categorize()], render: () => 'svg' })
  expectTypeOf(drawn).toEqualTypeOf<Block<string, NdArray<'int32'>, CategoryPrediction, string>>()
})

it('a getter of the wrong type does not compile', () => {
  const blocks = [fileBlock, multiCategoryBlock()] as const
  // @ts-expect-error several labels are read from a list
  dataBlock({ blocks, getItems: rows, getX: attrGetter('file'), getY: attrGetter('tags') })
  // @ts-expect-error a file is a string
  dataBlock({ blocks, getItems: rows, getX: attrGetter('size') })
  // @ts-expect-error rows have no such column
  dataBlock({ blocks, getItems: rows, getX: colReader('path') })
  // @ts-expect-error a number is not taken apart
  dataBlock({ blocks: [multiCategoryBlock()], getItems: rows, getX: colReader('size', { labelDelim: ' ' }) })
  dataBlock({
    blocks: [fileBlock, regressionBlock()],
    getItems: (source: readonly (readonly [string, string])[]) => source,
    // @ts-expect-error the second element is no number
    getters: [itemGetter(0), itemGetter(1)],
  })
  // @ts-expect-error zeros and ones need their vocabulary
  expect(() => multiCategoryBlock({ encoded: true })).toThrow()
  const encoded = multiCategoryBlock({ encoded: true, vocab: ['a'] })
  // @ts-expect-error encoded labels are numbers
  dataBlock({ blocks: [fileBlock, encoded], getItems: rows, getY: colReader('tags', { labelDelim: ' ' }) })
  // @ts-expect-error a list of numbers is not a number
  dataBlock({ blocks: [fileBlock, regressionBlock()], getItems: rows, getY: (row) => [row.size] })
})

it('a splitter reads the items', () => {
  const block = { blocks: [fileBlock], getItems: rows, getX: attrGetter('file') } as const
  dataBlock({ ...block, splitter: colSplitter() })
  dataBlock({ ...block, splitter: randomSplitter() })
  // @ts-expect-error rows are no paths
  dataBlock({ ...block, splitter: grandparentSplitter() })
  // @ts-expect-error rows have no such column
  dataBlock({ ...block, splitter: colSplitter('fold', 1) })
  expectTypeOf(randomSplitter()).toExtend<Splitter<Row>>()
  expectTypeOf(grandparentSplitter()).not.toExtend<Splitter<Row>>()
})

it('getters say what they read', () => {
  expectTypeOf(itemGetter(1)(['a', 2] as const)).toEqualTypeOf<2>()
  expectTypeOf(attrGetter('name')('a/b.txt')).toEqualTypeOf<string>()
  expectTypeOf(attrGetter('breed', 0)({} as { breed?: string })).toEqualTypeOf<string | number>()
  expectTypeOf(colReader(['x', 'y'])({ x: 1, y: 2 })).toEqualTypeOf<number[]>()
  expectTypeOf(usingAttr(regexLabeller(/(.)/), 'name'))
    .parameter(0)
    .toEqualTypeOf<string | { readonly name: string }>()
  // @ts-expect-error a path has no size
  expect(() => usingAttr((n: number) => n, 'size')('a.jpg')).toThrow()
})

it('columns are what the blocks read', () => {
  const block = DataBlock.fromColumns({ blocks: [fileBlock, categoryBlock()] })
  expectTypeOf(block.dataLoaders)
    .parameter(0)
    .toEqualTypeOf<readonly [readonly string[], readonly string[]]>()
  const numbers = [['a.jpg'], [1]] as const
  // @ts-expect-error labels are strings
  const refused = () => block.datasets(numbers)
  expectTypeOf(refused).toBeFunction()
})

it('pipelines decide what loaders over data sets hold', async () => {
  const labelled = await datasets(
    ['a', 'b'],
    [[(s: string) => s.length], [(s: string) => s, new Categorize({ vocab: ['a', 'b'] })]],
  )
  const dls = DataLoaders.fromDsets(labelled, { bs: 1 })
  expectTypeOf(dls).toEqualTypeOf<
    DataLoaders<readonly [NdArray<'float32'>, NdArray<'int32'>], CategoryPrediction, CardTable>
  >()
  const pairs = await tfmdLists(['a'], [(s: string) => [s.length, s === 'a'] as const])
  expectTypeOf(DataLoaders.fromDsets(pairs, { bs: 1 })).toEqualTypeOf<
    DataLoaders<readonly [NdArray<'float32'>, NdArray<'bool'>], unknown, CardTable>
  >()
  expectTypeOf(new OneHotEncode().encode).returns.toEqualTypeOf<NdArray<'float32'>>()
})

import {
  type Block,
  type CategoryPrediction,
  categoryBlock,
  type DataLoaders,
  dataBlock,
  type NdArray,
  ndArray,
  parentLabel,
} from '@espalier/data'
import { expect, expectTypeOf, it } from 'vitest'

// The compiler checks these (`types`); running them only shows that they load.

const lengthBlock: Block<string, NdArray<'float32'>, number, { readonly svg: string }> = {
  name: 'length',
  typeTfms: () => [(word: string) => ndArray('float32', [1], [word.length])],
}

it('a batch has the arrays of the blocks, in their order', () => {
  const block = dataBlock({
    blocks: [lengthBlock, categoryBlock()],
    getItems: (folder: string) => [folder],
    getY: parentLabel,
  })
  type Loaders = Awaited<ReturnType<typeof block.dataLoaders>>
  expectTypeOf<Loaders>().toEqualTypeOf<
    DataLoaders<readonly [NdArray<'float32'>, NdArray<'int32'>], CategoryPrediction, { readonly svg: string }>
  >()
  expectTypeOf(block.dataLoaders).parameter(0).toEqualTypeOf<string>()
  expectTypeOf<Awaited<ReturnType<Loaders['oneBatch']>>['arrays'][1]['data']>().toEqualTypeOf<Int32Array>()
  expectTypeOf<ReturnType<Loaders['showBatch']>>().toEqualTypeOf<{ readonly svg: string }>()
})

it('the last block decides what a prediction is', () => {
  const block = dataBlock({ blocks: [categoryBlock(), lengthBlock], getItems: (n: number) => [String(n)] })
  type Loaders = Awaited<ReturnType<typeof block.dataLoaders>>
  expectTypeOf<NonNullable<Loaders['target']>['read']>().returns.toEqualTypeOf<number>()
})

it('a getter must return what its block reads', () => {
  dataBlock({
    blocks: [lengthBlock, categoryBlock()],
    getItems: (folder: string) => [folder],
    // @ts-expect-error a category is read from a string
    getY: (path: string) => path.length,
  })
  dataBlock({
    blocks: [lengthBlock, categoryBlock()],
    // @ts-expect-error the items are strings, the getter reads rows
    getItems: (folder: string) => [folder],
    getY: (row: { readonly label: string }) => row.label,
  })
  dataBlock({
    blocks: [lengthBlock, categoryBlock()],
    // @ts-expect-error the second getter feeds a category
    getters: [(n: number) => String(n), (n: number) => n],
  })
  const tooFew = () =>
    dataBlock({
      blocks: [lengthBlock, categoryBlock()],
      // @ts-expect-error a getter for each block
      getters: [(n: number) => String(n)],
    })
  expect(tooFew).toThrow('2 blocks need 2 getters, got 1')
})

it('getters say what the items are', () => {
  const block = dataBlock({
    blocks: [lengthBlock, categoryBlock()],
    getters: [(row: { readonly word: string }) => row.word, (row) => row.word],
  })
  expectTypeOf(block.spec.splitter!).parameter(0).toEqualTypeOf<readonly { readonly word: string }[]>()
})

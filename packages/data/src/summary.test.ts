import { expect, it } from 'vitest'
import type { Block } from './blocks/block.js'
import { categoryBlock } from './blocks/category-block.js'
import { type DataBlockSpec, dataBlock } from './data-block.js'
import { type NdArray, ndArray } from './nd-array.js'
import { indexSplitter } from './split/index-splitter.js'

const wordBlock: Block<string, NdArray<'float32'>> = {
  name: 'word',
  typeTfms: () => [{ name: 'length', encode: (w: string) => ndArray('float32', [1], [w.length]) }],
}
const blocks = [wordBlock, categoryBlock()] as const
type Spec = Omit<DataBlockSpec<readonly string[], string, [...typeof blocks]>, 'blocks'>
const words = ['cat', 'horse', 'dog', 'mouse']

function isLong(word: string): string {
  return word.length > 3 ? 'long' : 'short'
}

const summary = (spec: Spec, source: readonly string[] = words) =>
  dataBlock({ blocks, getY: isLong, splitter: indexSplitter([3]), ...spec }).summary(source, { bs: 2 })

it('walks an item and a batch through every step that trains', async () => {
  const text = await summary({
    itemTfms: [
      { name: 'double', encode: (e) => ({ ...(e as NdArray), shape: [1] }) },
      { name: 'validOnly', splitIdx: 1, encode: () => 'never' },
    ],
    batchTfms: [
      { name: 'pad', host: (arrays) => arrays.map((a) => ({ ...a, shape: [...a.shape, 1] })) },
      { name: 'calm', splitIdx: 1, host: () => [] },
    ],
  })
  expect(text).toBe(
    [
      '4 items: 3 to train, 1 to validate',
      '',
      'One item: cat',
      '  item → string "cat"',
      '  length → float32 [1]',
      '  isLong → string "short"',
      '  categorize → category int32 []',
      '',
      'One batch of 2:',
      '  double → (float32 [1], category int32 [1])',
      '  stacked → (float32 [2,1], category int32 [2,1])',
      '  pad → (float32 [2,1,1], category int32 [2,1,1])',
    ].join('\n'),
  )
})

it('ends at the step that fails, with the item', async () => {
  const last = async (spec: Spec, source?: readonly string[]) =>
    (await summary(spec, source)).split('✗ ').at(-1)
  expect(
    await last({
      itemTfms: [
        {
          name: 'crop',
          encode: () => {
            throw new Error('too small')
          },
        },
      ],
    }),
  ).toBe('crop on cat failed: too small')
  expect(
    await last({
      itemTfms: [
        { name: 'grow', encode: (e) => ((e as NdArray).data[0] === 5 ? ndArray('int32', [2], [1, 2]) : e) },
      ],
    }),
  ).toMatch(/^stacking the samples failed: cannot stack element 0 .* \(cat\) and int32 \[2\] \(horse\)/)
  expect(
    await last({
      batchTfms: [
        {
          name: 'normalize',
          host: () => {
            throw new Error('no statistics')
          },
        },
      ],
    }),
  ).toBe('normalize failed: no statistics')
  expect(await last({}, [])).toMatch(/^collecting, splitting and setting up failed: there are no items/)
  expect(
    await last({
      getX: (w) => {
        if (w === 'horse') throw new Error('gone')
        return w
      },
    }),
  ).toMatch(/^reading horse failed: the getX threw "gone" for horse/)
})

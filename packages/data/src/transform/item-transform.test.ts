import { expect, it } from 'vitest'
import { Random } from '../random/random.js'
import { applyItemTransforms, type ItemTransform, mergeTransforms } from './item-transform.js'

const context = { split: 0, random: new Random(1, 'test') }

it('draws once for all elements of a sample', async () => {
  let draws = 0
  const shift: ItemTransform<number> = {
    name: 'shift',
    draw: ({ length }) => length * 100 + ++draws,
    encode: (e, by) => (typeof e === 'number' ? e + by : e),
  }
  expect(await applyItemTransforms([shift], [1, 2, 'label'], context)).toEqual([302, 303, 'label'])
  expect(draws).toBe(1)
})

it('hands each transform what the one before it made, and leaves out those of the other split', async () => {
  const double: ItemTransform = { name: 'double', encode: async (e) => (e as number) * 2 }
  const never: ItemTransform = { name: 'never', splitIdx: 1, encode: () => expect.unreachable() }
  const plusLength: ItemTransform<number> = {
    name: 'plus',
    draw: async (sample) => sample[0] as number,
    encode: (e, first) => (e as number) + first,
  }
  expect(await applyItemTransforms([double, never, plusLength], [1, 2], context)).toEqual([4, 6])
})

it('merges lists: the last of a name wins, sorted by order, others as they came', () => {
  const t = (name: string, order: number, tag: string) => ({ name, order, tag })
  const merged = mergeTransforms([t('toTensor', 5, 'block'), t('resize', 1, 'block')], undefined, [
    t('crop', 1, 'user'),
    t('resize', 1, 'user'),
  ])
  expect(merged.map((m) => `${m.name} ${m.tag}`)).toEqual(['crop user', 'resize user', 'toTensor block'])
})

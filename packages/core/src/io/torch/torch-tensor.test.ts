import { EspalierError } from '@espalier/data'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Allowance } from './allowance.js'
import { Tuple } from './pickle-values.js'
import { TorchStorage } from './torch-storage.js'
import { contentsOf, TorchTensor } from './torch-tensor.js'

/** A storage of the bytes 0, 1, 2, … */
function storage(length: number): TorchStorage {
  const bytes = Uint8Array.from({ length }, (_, i) => i)
  const id = {
    key: '0',
    className: 'torch.ByteStorage',
    kind: { bytes: 1, dtype: 'U8' },
    length,
    view: undefined,
  } as const
  return new TorchStorage(id, () => bytes)
}

const read = (
  from: TorchStorage,
  offset: number,
  shape: readonly number[],
  stride: readonly number[],
  allowed = 1e6,
) =>
  contentsOf('t', TorchTensor.from(from, offset, new Tuple(shape), new Tuple(stride)), new Allowance(allowed))
    .bytes

describe('contentsOf', () => {
  it.each<[shape: number[], stride: number[]]>([
    [[], []],
    [[6], [1]],
    [
      [2, 3],
      [3, 1],
    ],
    [
      [1, 6],
      [99, 1],
    ], // the stride of an axis of size 1 says nothing
    [
      [6, 1],
      [1, 7],
    ],
    [
      [2, 1, 3],
      [3, 0, 1],
    ],
  ])('of %j with strides %j is a view', (shape, stride) => {
    const from = storage(20)
    const bytes = read(from, 2, shape, stride, 0)
    expect(bytes.buffer).toBe(from.bytes().buffer)
    expect([...bytes]).toEqual([2, 3, 4, 5, 6, 7].slice(0, bytes.length))
  })

  it('follows any offset and strides, or refuses what leaves the storage', () => {
    const axis = fc.record({ size: fc.integer({ min: 1, max: 4 }), stride: fc.nat(12) })
    fc.assert(
      fc.property(fc.array(axis, { maxLength: 4 }), fc.nat(40), (axes, offset) => {
        const [shape, stride] = [axes.map((a) => a.size), axes.map((a) => a.stride)]
        const places = axes.reduce<number[]>(
          (at, { size, stride }) => at.flatMap((p) => Array.from({ length: size }, (_, i) => p + i * stride)),
          [offset],
        )
        if (Math.max(...places) < 100) expect([...read(storage(100), offset, shape, stride)]).toEqual(places)
        else expect(() => read(storage(100), offset, shape, stride)).toThrow(EspalierError)
      }),
      { numRuns: 2000, seed: 4 },
    )
  })

  it('pays for what it copies, before it does', () => {
    expect([...read(storage(6), 0, [3, 2], [1, 3], 6)]).toEqual([0, 3, 1, 4, 2, 5])
    expect(() => read(storage(6), 0, [3, 2], [1, 3], 5)).toThrow(/takes 6 bytes.*maxBytes/s)
    expect(() => read(storage(1), 0, [2 ** 40], [0])).toThrow(/takes 1099511627776 bytes/)
    expect(() => read(storage(1), 0, [2 ** 40, 2 ** 40], [0, 0])).toThrow(/reach element/)
  })

  it('of no elements reads no storage', () => {
    expect(read(storage(0), 0, [0, 3], [3, 1])).toEqual(new Uint8Array(0))
    expect(read(storage(1), 9, [3, 0], [9, 9])).toEqual(new Uint8Array(0))
  })
})

import { beforeAll, beforeEach, expect, it } from 'vitest'
import { attribute } from '../src/binding/attributes.js'
import type { Binding } from '../src/binding/binding.js'
import { dataTypes } from '../src/binding/data-types.js'
import { newBinding } from './support/binding.js'
import { describeNative } from './support/native.js'

const { float, int32, int64, bool, string, complex64 } = dataTypes

describeNative('the binding', () => {
  let b: Binding
  let before: number
  beforeAll(() => {
    b = newBinding()
  })
  beforeEach(() => {
    before = b.getNumOfTensors()
  })

  const roundTrip = (shape: number[], dtype: number, values: Parameters<Binding['createTensor']>[2]) => {
    const id = b.createTensor(shape, dtype, values)
    try {
      return b.tensorDataSync(id)
    } finally {
      b.deleteTensor(id)
    }
  }

  it('hands back what it was given, in every type', () => {
    expect(roundTrip([2], float, new Float32Array([1.5, -2]))).toEqual(new Float32Array([1.5, -2]))
    expect(roundTrip([2], float, [1.5, -2])).toEqual(new Float32Array([1.5, -2]))
    expect(roundTrip([2], int32, [7, -8])).toEqual(new Int32Array([7, -8]))
    expect(roundTrip([2], bool, [true, false])).toEqual(new Uint8Array([1, 0]))
    expect(roundTrip([1], complex64, new Float32Array([1, 2]))).toEqual(new Float32Array([1, 2]))
    expect(b.getNumOfTensors()).toBe(before)
  })

  it('takes 64-bit integers as numbers or, as tfjs does, in two halves', () => {
    expect(roundTrip([], int64, new Int32Array([5, 0]))).toEqual(new BigInt64Array([5n]))
    expect(roundTrip([], int64, new Int32Array([-5, -1]))).toEqual(new BigInt64Array([-5n]))
    expect(roundTrip([2], int64, [3, -4])).toEqual(new BigInt64Array([3n, -4n]))
  })

  it('keeps texts, short and long, as bytes', () => {
    const long = 'ä'.repeat(1000)
    const texts = roundTrip([2], string, ['', Buffer.from(long)]) as Uint8Array[]
    expect(texts.map((t) => Buffer.from(t).toString())).toEqual(['', long])
  })

  it('works with tensors that have no elements', () => {
    expect(roundTrip([0, 3], float, [])).toEqual(new Float32Array())
    const x = b.createTensor([0, 3], float, [])
    const [y] = b.executeOp('Relu', [attribute.type('T', float)], [x], 1)
    expect(y!.shape).toEqual([0, 3])
    for (const id of [x, y!.id]) b.deleteTensor(id)
  })

  it('refuses content that does not fill the shape', () => {
    expect(() => b.createTensor([2, 2], float, [1, 2, 3])).toThrow(
      'a tensor of float32 [2,2] has 4 elements, got 3',
    )
    expect(() => b.createTensor([-1], float, [])).toThrow('sizes must be whole numbers')
    expect(() => b.createTensor([2 ** 16, 2 ** 15], float, [])).toThrow(/2147483648 elements/)
    expect(() => b.createTensor([2 ** 29], float, [])).toThrow(/would take 2.0 GiB/)
  })

  it('names the operation and what it was given when something is wrong', () => {
    const x = b.createTensor([2, 3], float, new Float32Array(6))
    const y = b.createTensor([4], float, new Float32Array(4))
    const T = attribute.type('T', float)
    expect(() => b.executeOp('AddV2', [T], [x, y], 1)).toThrow(
      /^AddV2 of float32 \[2,3\], float32 \[4\]: .*[Ii]ncompatible shapes/,
    )
    expect(() => b.executeOp('NoSuchOp', [], [x], 1)).toThrow(
      'NoSuchOp of float32 [2,3]: the engine does not know',
    )
    expect(() => b.executeOp('Relu', [attribute.type('T', int32)], [x], 1)).toThrow(
      'must be int32, got float32',
    )
    b.deleteTensor(y)
    expect(() => b.executeOp('AddV2', [T], [x, y], 1)).toThrow(
      `AddV2: tensor ${y} does not exist or was disposed`,
    )
    expect(() => b.deleteTensor(y)).toThrow('was disposed')
    b.deleteTensor(x)
    expect(b.getNumOfTensors()).toBe(before)
  })

  it('does not keep the memory of texts', () => {
    const texts = Array.from({ length: 1000 }, () => 'x'.repeat(1000))
    const round = () => roundTrip([1000], string, texts)
    for (let i = 0; i < 200; i++) round() // The heap of younger Nodes grows to a hundred megabytes first.
    const start = process.memoryUsage().rss
    for (let i = 0; i < 200; i++) round()
    expect((process.memoryUsage().rss - start) / 2 ** 20).toBeLessThan(100)
  })
})

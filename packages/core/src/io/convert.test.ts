import { describe, expect, it } from 'vitest'
import { toFloat32, toInt32 } from './convert.js'
import type { SafeTensor } from './safetensors.js'
import type { SafeDType } from './safetensors-header.js'

const tensor = (dtype: SafeDType, data: ArrayBufferView): SafeTensor => ({
  dtype,
  shape: [],
  bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
})

describe('toFloat32', () => {
  it('copies float32, bit for bit', () => {
    const source = Float32Array.of(1, -0, Number.NaN, Number.POSITIVE_INFINITY, 1e-45)
    const out = toFloat32('w', tensor('F32', source))
    expect(new Uint8Array(out.buffer)).toEqual(new Uint8Array(source.buffer))
    source[0] = 2
    expect(out[0]).toBe(1)
  })

  it('reads every half: normal, subnormal, infinite, not a number', () => {
    const halves = Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0x03ff, 0x8000, 0x7c00, 0xfc00, 0x7e00)
    const out = toFloat32('w', tensor('F16', halves))
    expect([...out]).toEqual([1, -2, 65504, 2 ** -24, 1023 * 2 ** -24, -0, Infinity, -Infinity, Number.NaN])
  })

  it('reads bfloat16 as the upper half of a float32', () => {
    const out = toFloat32('w', tensor('BF16', Uint16Array.of(0x3f80, 0xc000, 0x7f80, 0x0001, 0x8000, 0x4049)))
    expect([...out]).toEqual([1, -2, Infinity, 2 ** -133, -0, 3.140625])
  })

  it.each<[SafeDType, ArrayBufferView, number[]]>([
    ['BOOL', Uint8Array.of(0, 1, 2), [0, 1, 1]],
    ['U8', Uint8Array.of(0, 255), [0, 255]],
    ['I8', Int8Array.of(-128, 127), [-128, 127]],
    ['I16', Int16Array.of(-32768, 5), [-32768, 5]],
    ['U16', Uint16Array.of(65535), [65535]],
    ['I32', Int32Array.of(-(2 ** 24)), [-(2 ** 24)]],
    ['U32', Uint32Array.of(2 ** 24), [2 ** 24]],
    ['I64', BigInt64Array.of(-7n), [-7]],
    ['U64', BigUint64Array.of(7n), [7]],
    ['F64', Float64Array.of(0.1, Infinity, Number.NaN), [Math.fround(0.1), Infinity, Number.NaN]],
  ])('reads %s', (dtype, data, numbers) => {
    expect([...toFloat32('w', tensor(dtype, data))]).toEqual(numbers)
  })

  it.each<[SafeDType, ArrayBufferView]>([
    ['I32', Int32Array.of(2 ** 24 + 1)], // rounds to 2^24: only the integer itself shows the loss
    ['U32', Uint32Array.of(2 ** 32 - 1)],
    ['I64', BigInt64Array.of(-(2n ** 53n) - 1n)],
    ['F64', Float64Array.of(1e300)],
  ])('refuses %s that float32 cannot hold', (dtype, data) => {
    expect(() => toFloat32('fc.weight', tensor(dtype, data))).toThrow(
      /tensor 'fc.weight' .* which float32 cannot/,
    )
  })

  it('reads bytes that are not aligned', () => {
    const bytes = new Uint8Array(13)
    new DataView(bytes.buffer).setFloat64(5, 2.5, true)
    expect([...toFloat32('w', { dtype: 'F64', shape: [1], bytes: bytes.subarray(5) })]).toEqual([2.5])
  })
})

describe('toInt32', () => {
  it('reads integers of every width', () => {
    expect([...toInt32('i', tensor('I64', BigInt64Array.of(-(2n ** 31n), 2n ** 31n - 1n)))]).toEqual([
      -(2 ** 31),
      2 ** 31 - 1,
    ])
    expect([...toInt32('i', tensor('BOOL', Uint8Array.of(0, 255)))]).toEqual([0, 1])
  })

  it.each<[SafeDType, ArrayBufferView]>([
    ['I64', BigInt64Array.of(2n ** 31n)],
    ['U32', Uint32Array.of(2 ** 31)],
    ['U64', BigUint64Array.of(2n ** 63n)],
  ])('refuses %s that int32 cannot hold', (dtype, data) => {
    expect(() => toInt32('i', tensor(dtype, data))).toThrow(/which int32 cannot/)
  })

  it.each<SafeDType>(['F32', 'F16', 'BF16', 'F64'])('refuses %s', (dtype) => {
    expect(() => toInt32('w', tensor(dtype, new Float64Array(1)))).toThrow(
      `tensor 'w' holds ${dtype}, not integers`,
    )
  })
})

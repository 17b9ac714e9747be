import { EspalierError } from '@espalier/data'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readSafetensors, type Written, writeSafetensors } from './safetensors.js'

const bytesOf = (data: Written['data']) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

const shape = fc.array(fc.nat(4), { maxLength: 4 })
const written: fc.Arbitrary<Written> = shape.chain((shape) => {
  const n = shape.reduce((a, b) => a * b, 1)
  const size = { minLength: n, maxLength: n }
  return fc.record({
    shape: fc.constant(shape),
    data: fc.oneof(
      fc.float32Array(size),
      fc.int32Array(size),
      fc.uint8Array(size),
      fc.bigInt64Array(size),
    ) as fc.Arbitrary<Written['data']>,
  })
})
const name = fc
  .oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('__proto__', 'constructor', 'toString', '0', '1', '10', '../x', 'C:\\x', '\u0000'),
  )
  .filter((name) => name !== '__metadata__')
const tensors = fc.array(fc.tuple(name, written), { maxLength: 8 }).map((pairs) => new Map(pairs))
const metadata = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), {
  maxKeys: 4,
})

describe('writeSafetensors and readSafetensors', () => {
  it('agree on any tensors, their order and any metadata', () => {
    fc.assert(
      fc.property(tensors, metadata, (tensors, metadata) => {
        const file = readSafetensors(writeSafetensors(tensors, metadata))
        expect(Object.fromEntries(file.metadata)).toEqual({ ...metadata })
        expect(new Set(file.tensors.keys())).toEqual(new Set(tensors.keys()))
        for (const [name, { shape, data }] of tensors) {
          expect(file.tensors.get(name)?.shape).toEqual(shape)
          expect(file.tensors.get(name)?.bytes).toEqual(bytesOf(data))
        }
        const filled = (entries: Iterable<readonly [string, { readonly shape: readonly number[] }]>) =>
          [...entries].flatMap(([name, { shape }]) => (shape.includes(0) ? [] : [name]))
        expect(filled(file.tensors)).toEqual(filled(tensors))
      }),
      { numRuns: 1000, seed: 20 },
    )
  })

  it('read views of the file, and nothing is copied', () => {
    const file = writeSafetensors(new Map([['w', { shape: [2], data: Float32Array.of(1, 2) }]]))
    const { bytes } = readSafetensors(file).tensors.get('w')!
    expect(bytes.buffer).toBe(file.buffer)
    const shifted = new Uint8Array(file.length + 3)
    shifted.set(file, 3)
    expect(readSafetensors(shifted.subarray(3)).tensors.get('w')?.bytes).toEqual(bytes)
  })

  it('write the same bytes for the same tensors, padded to 8', () => {
    const tensors = new Map<string, Written>([
      ['b', { shape: [1], data: Uint8Array.of(1) }],
      ['1', { shape: [], data: BigInt64Array.of(7n) }],
      ['0', { shape: [0, 3], data: new Float32Array(0) }],
    ])
    const file = writeSafetensors(tensors, { format: 'pt' })
    expect(writeSafetensors(tensors, { format: 'pt' })).toEqual(file)
    const length = Number(new DataView(file.buffer).getBigUint64(0, true))
    expect(length % 8).toBe(0)
    expect(new TextDecoder().decode(file.subarray(8, 8 + length)).trimEnd()).toBe(
      '{"__metadata__":{"format":"pt"},"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},' +
        '"1":{"dtype":"I64","shape":[],"data_offsets":[1,9]},"0":{"dtype":"F32","shape":[0,3],"data_offsets":[9,9]}}',
    )
  })

  it.each<[string, string, Written, Record<string, string>]>([
    ['safetensors/name', '__metadata__', { shape: [], data: Uint8Array.of(1) }, {}],
    ['safetensors/name', 'a\ud800', { shape: [], data: Uint8Array.of(1) }, {}],
    ['safetensors/shape', 'w', { shape: [2], data: Uint8Array.of(1) }, {}],
    ['safetensors/shape', 'w', { shape: [1.5, 2], data: new Uint8Array(3) }, {}],
    ['safetensors/shape', 'w', { shape: [-1, -1], data: Uint8Array.of(1) }, {}],
    ['safetensors/metadata', 'w', { shape: [], data: Uint8Array.of(1) }, { a: '\udfff' }],
  ])('refuse to write what breaks the format: %s', (code, name, tensor, metadata) => {
    let caught: unknown
    try {
      writeSafetensors(new Map([[name, tensor]]), metadata)
    } catch (error) {
      caught = error
    }
    expect(caught).toBeInstanceOf(EspalierError)
    expect((caught as EspalierError).code).toBe(code)
  })
})

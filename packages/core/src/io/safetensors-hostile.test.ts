import { EspalierError, Random } from '@espalier/data'
import { describe, expect, it } from 'vitest'
import { readSafetensors, writeSafetensors } from './safetensors.js'
import { elementBytes } from './safetensors-header.js'

const encode = (text: string) => new TextEncoder().encode(text)

/** A file of a header, given as text or as an object, and `size` bytes; the length field can be made to lie. */
function file(header: unknown, size = 0, length?: number | bigint): Uint8Array {
  const text =
    header instanceof Uint8Array
      ? header
      : encode(typeof header === 'string' ? header : JSON.stringify(header))
  const out = new Uint8Array(8 + text.length + size)
  new DataView(out.buffer).setBigUint64(0, BigInt(length ?? text.length), true)
  out.set(text, 8)
  return out
}

const w = (begin: number, end: number, shape = [(end - begin) / 4], dtype = 'F32') => ({
  dtype,
  shape,
  data_offsets: [begin, end],
})

function codeOf(bytes: Uint8Array): string {
  try {
    readSafetensors(bytes)
    return 'loads'
  } catch (error) {
    if (!(error instanceof EspalierError)) throw error
    expect(error.message.length).toBeLessThan(400)
    return error.code
  }
}

const big = 2 ** 53

describe('a hostile safetensors file is refused: ', () => {
  it.each<[name: string, code: string, file: Uint8Array]>([
    ['empty', 'too-short', new Uint8Array(0)],
    ['header_too_small', 'too-short', Uint8Array.of(2, 0, 0, 0, 0, 0, 0)],
    ['header_too_large', 'header-size', file('{}', 0, 100_000_001)],
    [
      'header_too_large_and_there',
      'header-size',
      file(new Uint8Array(100_000_001).fill(0x20).fill(0x7b, 0, 1)),
    ],
    ['header_length_one_too_long', 'header-size', file('{}', 0, 3)],
    ['header_length_is_2_64', 'header-size', file('{}', 0, 2n ** 64n - 1n)],
    ['invalid_header_length', 'header-size', file('{}', 0, 60)],
    ['header_length_too_short', 'header-json', file({ w: w(0, 8) }, 8, 10)],
    ['header_length_too_long', 'header-json', file({ w: w(0, 8) }, 8, 60)],
    ['header_length_is_0', 'header-json', file('{}', 0, 0)],
    ['invalid_header_non_utf8', 'header-json', file(Uint8Array.of(0x7b, 0xff, 0x7d))],
    [
      'invalid_name_non_utf8',
      'header-json',
      Uint8Array.from(file('{"?":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}', 1), (b) =>
        b === 0x3f ? 0xff : b,
      ),
    ],
    ['invalid_header_not_json', 'header-json', file('{')],
    ['invalid_header_start', 'header-json', file('[]')],
    ['whitespace_start_padded_header', 'header-json', file(' {}')],
    ['byte_order_mark', 'header-json', file('\ufeff{}')],
    ['two_headers', 'header-json', file('{}{}')],
    ['json_comments', 'header-json', file('{/**/}')],
    ['json_attack_deep', 'header-depth', file(`{"w":${'['.repeat(5_000_000)}`)],
    ['json_attack_deep_objects', 'header-depth', file('{"w":'.repeat(1_000_000))],
    ['json_attack_shape_of_texts', 'shape', file({ w: { ...w(0, 4), shape: ['1'] } }, 4)],
    ['json_attack_shape_object', 'shape', file({ w: { ...w(0, 4), shape: { length: 1, 0: 1 } } }, 4)],
    [
      'json_attack_1e308',
      'header-number',
      file('{"w":{"dtype":"F32","shape":[1e308],"data_offsets":[0,4]}}', 4),
    ],
    [
      'json_attack_1_point_0',
      'header-number',
      file('{"w":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}', 4),
    ],
    ['json_attack_minus_0', 'header-number', file('{"w":{"dtype":"F32","shape":[-0],"data_offsets":[0,0]}}')],
    ['negative_shape', 'header-number', file({ w: w(0, 4, [-1]) }, 4)],
    ['negative_offset', 'header-number', file({ w: w(-4, 0) })],
    ['lone_surrogate_name', 'name', file('{"\\ud800":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}', 1)],
    ['lone_surrogate_metadata', 'metadata', file('{"__metadata__":{"a":"\\udc00"}}')],
    ['metadata_not_text', 'metadata', file({ __metadata__: { a: 1 } })],
    ['metadata_is_text', 'metadata', file({ __metadata__: 'format' })],
    ['metadata_is_list', 'metadata', file({ __metadata__: [] })],
    ['metadata_is_nested', 'metadata', file({ __metadata__: { a: { b: 'c' } } })],
    [
      'duplicate_keys',
      'header-duplicate',
      file(
        '{"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
        1,
      ),
    ],
    [
      'duplicate_keys_escaped',
      'header-duplicate',
      file(
        '{"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"\\u0077":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}',
        2,
      ),
    ],
    [
      'duplicate_fields',
      'header-duplicate',
      file('{"w":{"dtype":"U8","dtype":"I8","shape":[1],"data_offsets":[0,1]}}', 1),
    ],
    ['duplicate_metadata', 'header-duplicate', file('{"__metadata__":{},"__metadata__":{}}')],
    ['unknown_dtype', 'dtype', file({ w: w(0, 4, [1], 'F7') }, 4)],
    ['dtype_toString', 'dtype', file({ w: w(0, 4, [1], 'toString') }, 4)],
    ['dtype_constructor', 'dtype', file({ w: w(0, 4, [1], 'constructor') }, 4)],
    ['dtype_proto', 'dtype', file({ w: w(0, 4, [1], '__proto__') }, 4)],
    ['dtype_missing', 'dtype', file({ w: { shape: [1], data_offsets: [0, 4] } }, 4)],
    ['entry_null', 'dtype', file({ w: null })],
    ['entry_text', 'dtype', file({ w: 'F32' })],
    ['entry_list', 'dtype', file({ w: ['F32', [1], [0, 4]] }, 4)],
    [
      'entry_inherits',
      'dtype',
      file('{"w":{"__proto__":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}}', 4),
    ],
    ['shape_missing', 'shape', file({ w: { dtype: 'F32', data_offsets: [0, 4] } }, 4)],
    ['shape_beyond_2_53', 'shape', file(`{"w":{"dtype":"F32","shape":[${big}],"data_offsets":[0,4]}}`, 4)],
    ['offsets_missing', 'offsets', file({ w: { dtype: 'F32', shape: [1] } }, 4)],
    ['offsets_three', 'offsets', file({ w: { ...w(0, 4), data_offsets: [0, 4, 8] } }, 4)],
    ['offsets_one', 'offsets', file({ w: { ...w(0, 4), data_offsets: [4] } }, 4)],
    ['offsets_null', 'offsets', file({ w: { ...w(0, 4), data_offsets: [0, null] } }, 4)],
    ['invalid_info', 'size', file({ w: w(0, 4, [2, 2]) }, 4)],
    ['offsets_reversed', 'size', file({ w: w(8, 4, [1]) }, 8)],
    ['validation_overflow', 'size', file({ w: w(0, 4, [big - 1, big - 1]) }, 4)],
    ['validation_overflow_to_0', 'size', file({ w: w(0, 0, [big - 1, big - 1, 0]) })],
    ['validation_overflow_2_32', 'size', file({ w: w(0, 0, [2 ** 32, 2 ** 32]) })],
    ['size_bomb', 'size', file({ w: w(0, 4e12, [1e12]) }, 4)],
    ['offset_out_of_file', 'size', file({ w: w(0, 8) }, 4)],
    ['offsets_overlap', 'offsets', file({ a: w(0, 8), b: w(4, 12) }, 12)],
    [
      'offsets_overlap_all',
      'offsets',
      file(Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`w${i}`, w(0, 8)])), 8),
    ],
    ['offsets_hole', 'offsets', file({ a: w(0, 4), b: w(8, 12) }, 12)],
    ['offsets_hole_at_begin', 'offsets', file({ a: w(4, 8) }, 8)],
    ['metadata_incomplete_buffer', 'size', file({ a: w(0, 4) }, 8)],
    ['data_without_tensors', 'size', file({}, 4)],
    ['zero_sized_in_a_hole', 'offsets', file({ a: w(0, 4), b: w(8, 8, [0]) }, 4)],
  ])('%s', (_, code, bytes) => {
    expect(codeOf(bytes)).toBe(`safetensors/${code}`)
  })
})

describe('an unusual safetensors file loads:', () => {
  it.each<[name: string, file: Uint8Array, tensors: number]>([
    ['no tensors', file('{}'), 0],
    ['header_padded_with_spaces', file(`{}${' '.repeat(62)}`), 0],
    ['null metadata', file('{"__metadata__":null}'), 0],
    ['zero_sized_tensor', file({ w: w(0, 0, [2, 0]) }), 1],
    ['zero-sized between others', file({ b: w(4, 8), z: w(4, 4, [0]), a: w(0, 4) }, 8), 3],
    ['empty_shapes_allowed', file({ w: w(0, 4, []) }, 4), 1],
    ['a shape of 10,000 ones', file({ w: w(0, 4, new Array(10_000).fill(1)) }, 4), 1],
    ['fields that are not known', file({ w: { ...w(0, 4), more: { x: [true, null, 'y'] } } }, 4), 1],
  ])('%s', (_, bytes, tensors) => {
    expect(readSafetensors(bytes).tensors.size).toBe(tensors)
  })

  it('with names that are keys of prototypes, paths, or 4 KB: they are only names', () => {
    const names = [
      '__proto__',
      'constructor',
      'prototype',
      'hasOwnProperty',
      'toString',
      '../../etc/x',
      '/etc/passwd',
      'C:\\x',
      'a\u0000b',
      '\u202egpj.exe',
      '',
      ' ',
      'x'.repeat(4096),
      '0',
      '-1',
      '__metadata__ ',
      '\u{1f600}',
    ]
    const text = names.map((n, i) => `${JSON.stringify(n)}:${JSON.stringify(w(4 * i, 4 * i + 4))}`)
    const { tensors } = readSafetensors(file(`{${text.join(',')}}`, 4 * names.length))
    expect([...tensors.keys()]).toEqual(names)
    expect('polluted' in {}).toBe(false)
  })

  it('with metadata that names prototypes', () => {
    const { metadata } = readSafetensors(file('{"__metadata__":{"__proto__":"x","constructor":"y"}}'))
    expect([...metadata]).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ])
  })
})

it('an error names a tensor on one short line, whatever it is called', () => {
  const name = `\n\u001b[2J${'x'.repeat(4096)}`
  expect(() => readSafetensors(file({ [name]: w(0, 8, [1]) }, 8))).toThrow(
    /^[^\n]{1,300}\n {2}→ it is damaged, or was tampered with: download or save it again$/,
  )
})

describe('a header that was tampered with: the error names the tensor, what was expected and what came:', () => {
  const written = writeSafetensors(
    new Map([
      ['conv.weight', { shape: [2, 3], data: new Float32Array(6) }],
      ['conv.bias', { shape: [2], data: new Float32Array(2) }],
    ]),
  )
  /** The file with a part of its header replaced by one of the same length. */
  const tampered = (from: string, to: string): Uint8Array => {
    const text = Buffer.from(written).toString('latin1')
    expect(text).toContain(from)
    expect(to).toHaveLength(from.length)
    return new Uint8Array(Buffer.from(text.replace(from, to), 'latin1'))
  }

  it('untouched it loads', () => {
    expect([...readSafetensors(written).tensors.keys()]).toEqual(['conv.weight', 'conv.bias'])
  })

  it.each([
    [
      '"shape":[2,3]',
      '"shape":[3,3]',
      "tensor 'conv.weight': F32 [3, 3] takes 36 bytes, its offsets span 24",
    ],
    ['[0,24]', '[0,28]', "tensor 'conv.weight': F32 [2, 3] takes 24 bytes, its offsets span 28"],
    ['[24,32]', '[20,28]', "tensor 'conv.bias' begins at 20, expected 24"],
    ['F32', 'F99', "tensor 'conv.weight' has the unknown dtype 'F99'"],
    ['"shape":[2]', '"shape":2  ', "tensor 'conv.bias' has the shape 2"],
    ['"conv.bias"', '"conv.bia" ', undefined],
    ['"dtype"', '"dtypo"', "tensor 'conv.weight' has the unknown dtype undefined"],
  ])('%s → %s', (from, to, problem) => {
    const read = () => readSafetensors(tampered(from, to))
    if (problem === undefined) expect(read).not.toThrow()
    else
      expect(read).toThrow(
        `not a valid safetensors file: ${problem}\n  → it is damaged, or was tampered with: download or save it again`,
      )
  })

  it('its length', () => {
    const longer = Uint8Array.from(written)
    new DataView(longer.buffer).setBigUint64(0, 2n ** 40n, true)
    expect(() => readSafetensors(longer)).toThrow(
      'the header claims 1099511627776 bytes; at most 100000000 are read',
    )
    new DataView(longer.buffer).setBigUint64(0, 5000n, true)
    expect(() => readSafetensors(longer)).toThrow(
      `the header claims 5000 bytes, the file has ${written.length - 8} more`,
    )
    expect(() => readSafetensors(written.subarray(0, written.length - 4))).toThrow(
      'the tensors take 32 bytes, the file holds 28',
    )
  })
})

describe('10,000 mutated files', () => {
  const seeds: readonly Uint8Array[] = [
    writeSafetensors(
      new Map([
        ['conv1.weight', { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
        ['bn.num_batches_tracked', { shape: [], data: BigInt64Array.of(7n) }],
        ['mask', { shape: [3], data: Uint8Array.of(1, 0, 1) }],
        ['none', { shape: [0, 2], data: new Int32Array(0) }],
      ]),
      { format: 'pt', step: '12' },
    ),
    file({ a: w(0, 8), b: w(8, 10, [1], 'F16'), c: w(10, 18, [1, 1], 'F64'), d: w(18, 19, [1], 'BOOL') }, 19),
    file('{}'),
  ]
  const values = [
    'null',
    '0',
    '1',
    '8',
    '4096',
    '"x"',
    '"F32"',
    '"U8"',
    '[]',
    '[1,2]',
    '{}',
    '"__proto__"',
    '""',
  ]
  const grammar = [
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    '\\u0000',
    '\\ud83d',
    'null',
    'true',
    '-1',
    '1e9',
    '0.1',
    '9007199254740993',
    '18446744073709551616',
    '"__proto__":',
    '"__metadata__":',
    '"shape":',
    '"data_offsets":',
    '"dtype":"F32"',
    '"BF16"',
    '[0,0]',
    '{"a":1}',
    ' ',
    '\t',
    '\n',
    '\u0000',
    '/*',
    '[['.repeat(80),
  ]

  /** Another value for one of the texts and numbers: the header stays JSON. */
  function replaceToken(bytes: readonly number[], random: Random): number[] {
    const text = String.fromCharCode(...bytes)
    const tokens = [...text.slice(8).matchAll(/"[^"]*"|\d+/g)]
    const token = tokens[random.int(Math.max(tokens.length, 1))]
    if (!token) return [...bytes]
    const value = values[random.int(values.length)]!
    const [begin, end] = [8 + token.index, 8 + token.index + token[0].length]
    return [...bytes.slice(0, begin), ...encode(value), ...bytes.slice(end)]
  }

  function mutate(source: Uint8Array, random: Random): Uint8Array {
    let bytes = [...source]
    for (let n = 1 + random.int(4); n > 0; n--) {
      const at = random.int(bytes.length + 1)
      switch (random.int(9)) {
        case 0:
          if (at < bytes.length) bytes[at]! ^= 1 << random.int(8)
          break
        case 1:
          if (at < bytes.length) bytes[at] = random.int(256)
          break
        case 2:
          bytes.splice(at, random.int(16))
          break
        case 3:
          bytes.splice(at, 0, ...bytes.slice(random.int(bytes.length + 1)).slice(0, 24))
          break
        case 4:
          bytes = bytes.slice(0, at)
          break
        case 5:
          if (bytes.length > 0) bytes[random.int(Math.min(8, bytes.length))] = random.int(256)
          break
        case 6:
          bytes = replaceToken(bytes, random)
          break
        default:
          bytes.splice(Math.max(at, 8), random.int(4), ...encode(grammar[random.int(grammar.length)]!))
      }
    }
    // Half of them with a length field that fits: the others rarely get past it.
    const out = Uint8Array.from(bytes)
    const data = new TextDecoder('latin1').decode(out).lastIndexOf('}') + 1
    if (random.int(2) === 0 && data > 8) new DataView(out.buffer).setBigUint64(0, BigInt(data - 8), true)
    return out
  }

  it('load or are refused with a typed error, within 10 s', () => {
    const prototype = Reflect.ownKeys(Object.prototype)
    const outcomes = new Map<string, number>()
    const start = performance.now()
    for (let seed = 0; seed < 10_000; seed++) {
      const random = new Random(seed, 'mutations')
      const bytes = mutate(seeds[random.int(seeds.length)]!, random)
      let outcome = 'loads'
      try {
        for (const { dtype, shape, bytes: view } of readSafetensors(bytes).tensors.values()) {
          expect(view.length).toBe(shape.reduce((n, d) => n * d, elementBytes[dtype]))
        }
      } catch (error) {
        if (!(error instanceof EspalierError)) throw new Error(`seed ${seed}`, { cause: error })
        outcome = error.code
      }
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    }
    expect(performance.now() - start).toBeLessThan(10_000)
    expect(Reflect.ownKeys(Object.prototype)).toEqual(prototype)
    expect(Object.keys({})).toEqual([])
    // The mutations reach every rule, and some do no harm.
    expect(outcomes.get('loads')).toBeGreaterThan(100)
    for (const rule of [
      'too-short',
      'header-size',
      'header-json',
      'header-number',
      'header-duplicate',
      'header-depth',
      'dtype',
      'shape',
      'offsets',
      'size',
      'metadata',
    ])
      expect(outcomes.get(`safetensors/${rule}`) ?? 0, `${rule} of ${[...outcomes]}`).toBeGreaterThan(0)
  })
})

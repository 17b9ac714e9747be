import { EspalierError } from '@espalier/data'
import { deflateSync, zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { Allowance } from './allowance.js'
import { contents, readZip } from './zip.js'

const text = (s: string) => new TextEncoder().encode(s)

interface Packed {
  readonly name?: string
  readonly data: Uint8Array
  readonly method?: number
  readonly size?: number
  readonly packedSize?: number
  readonly flags?: number
  /** Sizes and position in the ZIP64 field, as for files beyond 4 GiB. */
  readonly wide?: boolean
}

/** An archive, with whatever the entries claim. */
function zip(entries: readonly Packed[], { wide = false, count = entries.length } = {}): Uint8Array {
  const out: number[] = []
  const put = (value: number | bigint, bytes: number) => {
    for (let i = 0; i < bytes; i++) out.push(Number((BigInt(value) >> BigInt(8 * i)) & 255n))
  }
  const starts = entries.map(
    ({ name = 'a/b', data, method = 0, size = data.length, packedSize = data.length, flags = 0 }) => {
      const start = out.length
      put(0x04034b50, 4)
      for (const v of [20, flags, method, 0, 0]) put(v, 2)
      for (const v of [0, packedSize, size]) put(v, 4)
      for (const v of [name.length, 3]) put(v, 2)
      for (const part of [text(name), [0, 0, 0], data]) for (const byte of part) out.push(byte)
      return start
    },
  )
  const directory = out.length
  entries.forEach(
    (
      {
        name = 'a/b',
        data,
        method = 0,
        size = data.length,
        packedSize = data.length,
        flags = 0,
        wide = false,
      },
      i,
    ) => {
      put(0x02014b50, 4)
      for (const v of [20, 20, flags, method, 0, 0]) put(v, 2)
      put(0, 4)
      for (const v of [packedSize, size]) put(wide ? 0xffffffff : v, 4)
      for (const v of [name.length, wide ? 32 : 0, 0, 0, 0]) put(v, 2)
      put(0, 4)
      put(wide ? 0xffffffff : starts[i]!, 4)
      out.push(...text(name))
      if (wide) {
        put(0x5455, 2) // another field first: a time
        put(0, 2)
        put(1, 2)
        put(24, 2)
        for (const v of [size, packedSize, starts[i]!]) put(v, 8)
      }
    },
  )
  const end = out.length
  if (wide) {
    put(0x06064b50, 4)
    put(44, 8)
    put(0, 12)
    for (const v of [count, count, end - directory, directory]) put(v, 8)
    put(0x07064b50, 4)
    put(0, 4)
    put(end, 8)
    put(1, 4)
  }
  put(0x06054b50, 4)
  put(0, 4)
  for (let i = 0; i < 2; i++) put(wide ? 0xffff : count, 2)
  put(end - directory, 4)
  put(wide ? 0xffffffff : directory, 4)
  put(0, 2)
  return Uint8Array.from(out)
}

function codeOf(f: () => unknown): string {
  try {
    f()
    return 'loads'
  } catch (error) {
    if (!(error instanceof EspalierError)) throw error
    return error.code
  }
}
const read = (file: Uint8Array, name = 'a/b', allowance = new Allowance(1e6)) => {
  const entry = readZip(file).get(name)
  if (!entry) throw new Error(`no ${name}`)
  return contents(entry, allowance)
}

describe('readZip and contents', () => {
  it('give stored entries as views', () => {
    const file = zip([{ data: text('hello') }])
    expect(read(file)).toEqual(text('hello'))
    expect(read(file).buffer).toBe(file.buffer)
  })

  it('inflate what another program packed', () => {
    const data = Uint8Array.from({ length: 300_000 }, (_, i) => (i * i) >> 7)
    const file = zipSync({ x: { y: data, z: [text('stored'), { level: 0 }] } })
    expect([...readZip(file).keys()].sort()).toEqual(['x/', 'x/y', 'x/z'].filter((n) => readZip(file).has(n)))
    expect(read(file, 'x/y')).toEqual(data)
    expect(read(file, 'x/z')).toEqual(text('stored'))
  })

  it('read ZIP64 fields', () => {
    const file = zip(
      [
        { data: text('one'), wide: true },
        { name: 'a/c', data: text('two') },
      ],
      { wide: true },
    )
    expect(read(file)).toEqual(text('one'))
    expect(read(file, 'a/c')).toEqual(text('two'))
  })

  it('find the directory before a comment that looks like one', () => {
    const file = zip([{ data: text('hello') }])
    const commented = Uint8Array.from([...file, ...text('a comment')])
    commented[file.length - 2] = 9
    expect(read(commented)).toEqual(text('hello'))
  })

  it('keep names as keys: no name is a path', () => {
    const names = ['../../x', '/etc/passwd', 'C:\\x', '__proto__', 'a\u0000b']
    expect([...readZip(zip(names.map((name) => ({ name, data: text('x') })))).keys()]).toEqual(names)
  })

  it.each<[what: string, file: Uint8Array]>([
    ['nothing', new Uint8Array(0)],
    ['no directory', text(`PK\u0003\u0004${'x'.repeat(100)}`)],
    ['two entries of one name', zip([{ data: text('a') }, { data: text('b') }])],
    ['an encrypted entry', zip([{ data: text('a'), flags: 1 }])],
    ['an unknown method', zip([{ data: text('a'), method: 99 }])],
    ['a stored entry with two sizes', zip([{ data: text('a'), size: 2 }])],
    ['an entry that reaches out of the file', zip([{ data: text('a'), size: 999, packedSize: 999 }])],
    ['more entries than there are', zip([{ data: text('a') }], { count: 2 })],
  ])('refuse %s', (_, file) => {
    expect(codeOf(() => readZip(file))).toBe('torch/zip')
  })

  it.each([200_001, 2 ** 53])('refuse %d entries before the first', (count) => {
    expect(() => readZip(zip([{ data: text('a') }], { wide: true, count }))).toThrow(/at most 200000/)
  })

  it.each<[what: string, code: string, entry: Packed]>([
    [
      'a size that the allowance does not cover',
      'torch/too-large',
      { data: deflateSync(new Uint8Array(100)), size: 2e6 },
    ],
    ['a size of 4 GiB', 'torch/too-large', { data: deflateSync(new Uint8Array(100)), size: 2 ** 32 - 2 }],
    ['more than it claims', 'torch/zip', { data: deflateSync(new Uint8Array(1000)), size: 999 }],
    ['less than it claims', 'torch/zip', { data: deflateSync(new Uint8Array(1000)), size: 1001 }],
    ['what is not deflated', 'torch/zip', { data: text('not deflated at all'), size: 10 }],
    ['no end', 'torch/zip', { data: deflateSync(text('hello'.repeat(99))).subarray(0, 6), size: 495 }],
    ['nothing', 'torch/zip', { data: new Uint8Array(0), size: 10 }],
  ])('refuse a packed entry with %s', (_, code, entry) => {
    expect(codeOf(() => read(zip([{ ...entry, method: 8 }])))).toBe(code)
  })

  it('stop soon after a bomb passes its size', () => {
    const bomb = zip([{ data: deflateSync(new Uint8Array(2 ** 28)), method: 8, size: 10 }])
    const before = process.memoryUsage().rss
    const start = performance.now()
    expect(codeOf(() => read(bomb))).toBe('torch/zip')
    expect(performance.now() - start).toBeLessThan(1000)
    expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 27)
  })

  it('refuse an archive cut off anywhere', () => {
    const file = zip(
      [
        { data: text('hello'), wide: true },
        { name: 'a/c', data: deflateSync(text('b')), method: 8, size: 1 },
      ],
      { wide: true },
    )
    for (let n = 0; n < file.length; n++) expect(codeOf(() => readZip(file.subarray(0, n)))).toBe('torch/zip')
  })
})

import { Random } from '@espalier/data'
import { parse } from 'csv-parse/sync'
import { expect, it } from 'vitest'
import type { CsvOptions } from './csv-options.js'
import { parseCsv } from './parse-csv.js'
import { parseNumber } from './parse-number.js'

const encoder = new TextEncoder()

it('tells what columns hold', async () => {
  const frame = await parseCsv(
    'i,f,b,d,t,e\n1,0.5,True,2020-01-31,x,\n,1e3,false,2021-02-28 10:30:00,,\n-3,,,,"a,""b""",NA\n',
  )
  expect(frame.names.map((name) => [name, frame.column(name).dtype])).toEqual([
    ['i', 'int32'],
    ['f', 'float64'],
    ['b', 'bool'],
    ['d', 'date'],
    ['t', 'category'],
    ['e', 'float64'],
  ])
  expect(frame.rows()).toEqual([
    { i: 1, f: 0.5, b: true, d: new Date('2020-01-31'), t: 'x', e: null },
    { i: null, f: 1000, b: false, d: new Date('2021-02-28T10:30:00Z'), t: null, e: null },
    { i: -3, f: null, b: null, d: null, t: 'a,"b"', e: null },
  ])
})

it('reads the same however the bytes are cut', async () => {
  const text = '\uFEFFname,n\r\n"two\r\nlines",1\r\n"é ""q""",2\r\nplain,3'
  const bytes = encoder.encode(text)
  const whole = (await parseCsv(text)).rows()
  expect(whole).toEqual([
    { name: 'two\r\nlines', n: 1 },
    { name: 'é "q"', n: 2 },
    { name: 'plain', n: 3 },
  ])
  for (const size of [1, 2, 3, 7]) {
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
      bytes.subarray(i * size, (i + 1) * size),
    )
    expect((await parseCsv(pieces)).rows(), `pieces of ${size}`).toEqual(whole)
  }
})

it('finds the cells that another reader finds, in any table however it is quoted and cut', async () => {
  const random = new Random(11, 'tables')
  const letters = ['a', 'é', '漢', ' ', '"', ',', ';', '\n', '\r\n', "'", '1', '.', '\t']
  const pick = <T>(from: readonly T[]) => from[random.int(from.length)]!
  const word = () => Array.from({ length: random.int(6) }, () => pick(letters)).join('')
  for (let round = 0; round < 150; round++) {
    const delimiter = pick([',', ';', '\t'])
    const end = pick(['\n', '\r\n'])
    const width = 2 + random.int(4)
    const written = (text: string) =>
      random.int(3) === 0 || /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
    const header = Array.from({ length: width }, (_, c) => `c${c}`)
    const cells = Array.from({ length: 1 + random.int(8) }, () => header.map(word))
    const text = [header, ...cells.map((line) => line.map(written))]
      .map((line) => line.join(delimiter))
      .join(end)
    const bytes = encoder.encode(text + pick(['', end]))
    const at = random.int(bytes.length)
    const types = Object.fromEntries(header.map((name) => [name, 'text'] as const))
    const frame = await parseCsv([bytes.slice(0, at), bytes.slice(at)], { delimiter, naValues: [], types })
    const other = parse(Buffer.from(bytes), { delimiter, from: 2, skipEmptyLines: true }) as string[][]
    expect(
      frame.rows().map((row) => Object.values(row)),
      text,
    ).toEqual(other)
    expect(other).toEqual(cells)
  }
})

it('reads numbers as JavaScript does, to the last bit', () => {
  const random = new Random(1, 'numbers')
  const texts = [
    '0',
    '-0',
    '+1',
    '.5',
    '5.',
    '1e5',
    '1E-5',
    '0.1',
    '123456789012345',
    '1234567890123456.7',
    '1e308',
    '2e-320',
    '9007199254740993',
  ]
  for (let i = 0; i < 2000; i++) {
    const digits = String(random.int(1e9)) + (i % 2 ? String(random.int(1e9)) : '')
    texts.push(
      `${i % 3 ? '-' : ''}${digits.slice(0, 5)}.${digits.slice(5)}${i % 4 ? '' : `e${random.int(60) - 30}`}`,
    )
  }
  for (const text of texts) expect(parseNumber(encoder.encode(text), 0, text.length), text).toBe(Number(text))
  for (const text of ['', '-', '.', 'e5', '1e', '1e+', '1x', '0x10', '1_000', '1.2.3', ' 1']) {
    expect(parseNumber(encoder.encode(text), 0, text.length), text).toBeNaN()
  }
})

it('reads as it is told', async () => {
  const options = {
    delimiter: ';',
    naValues: ['?'],
    types: { zip: 'text' },
    dates: { d: 'DD.MM.YYYY' },
    trim: true,
  } as const
  const frame = await parseCsv('zip; n; d\n 0123; ?; 1.2.2020\n7;4;?', options)
  expect(frame.rows()).toEqual([
    { zip: '0123', n: null, d: new Date('2020-02-01') },
    { zip: '7', n: 4, d: null },
  ])
  expect((await parseCsv('1,2\n3,4', { header: false })).rows()).toEqual([
    { 0: 1, 1: 2 },
    { 0: 3, 1: 4 },
  ])
  expect((await parseCsv('1,2\n3,4', { header: ['a', 'b'], columns: ['b'], nRows: 1 })).rows()).toEqual([
    { b: 2 },
  ])
  expect((await parseCsv('a\n1\n\n2\n', { nRows: 5 })).column('a').values()).toEqual([1, 2])
  expect((await parseCsv('id\n12345678901234567890\n1')).column('id').at(0)).toBe('12345678901234567890')
  expect((await parseCsv('x\n1\ninf', { infinite: 'missing' })).column('x').values()).toEqual([1, null])
  expect((await parseCsv('x\n-inf\n1', { infinite: 'keep' })).column('x').at(0)).toBe(
    Number.NEGATIVE_INFINITY,
  )
})

it('keeps kinds that begin late, and widens numbers', async () => {
  const frame = await parseCsv(`a,b\n${',1\n'.repeat(5)}x,1.5\n`, { inferRows: 2 })
  expect(frame.column('a').values()).toEqual([null, null, null, null, null, 'x'])
  expect(frame.column('b').values()).toEqual([1, 1, 1, 1, 1, 1.5])
})

type Bad = readonly [
  what: string,
  text: string,
  says: string,
  options?: CsvOptions & { readonly bytes?: Uint8Array },
]
const bad: readonly Bad[] = [
  [
    'a short row',
    'a,b,c\n1,2,3\n1,2',
    "row 1 of the table has 2 cells, there are 3 columns: there is none for column 'c'",
  ],
  [
    'a long row',
    'a,b\n1,2\n\n1,2,3',
    "row 1 of the table has 3 cells, there are 2 columns: the last column is 'b'",
  ],
  ['two headers of a name', 'a,b,a\n1,2,3', "two columns 'a': 0 and 2"],
  ['a quote that never ends', 'a,b\n1,2\n3,"x\n5,6\n', "a quote that never ends: row 1, column 'b'"],
  ['a quote in the header that never ends', '"a,b\n1,2', 'a quote that never ends: the first line, column 0'],
  [
    'text among numbers',
    `n\n${'1\n'.repeat(20)}x\n`,
    "row 20 of the table holds 'x' in column 'n', which holds numbers",
    { inferRows: 5 },
  ],
  ['inf', 'a,b\n1,2\n1,inf\n', "row 1 of the table holds inf in column 'b'"],
  ['a number beyond doubles', 'b\n1\n1e999\n', "row 1 of the table holds 1e999 in column 'b'"],
  [
    'dates in two forms',
    `d\n2020-01-02\n02.01.2020\n`,
    "row 1 of the table holds '02.01.2020' in column 'd', which holds dates in another form",
    { types: { d: 'date' } },
  ],
  [
    'no such day',
    `d\n2020-01-02\n2021-02-29\n`,
    "row 1 of the table holds '2021-02-29' in column 'd'",
    { types: { d: 'date' } },
  ],
  [
    'a word among booleans',
    'b\ntrue\nyes',
    "row 1 of the table holds 'yes' in column 'b'",
    { types: { b: 'bool' } },
  ],
  ['a million columns', `${'a,'.repeat(1e6)}a\n`, 'more than 100000 columns'],
  ['UTF-16', '', 'is written in UTF-16', { bytes: Uint8Array.of(0xff, 0xfe, 65, 0) }],
  ['nothing', '', 'the table is empty'],
  ['an unknown column', 'a\n1', "the table has no column 'A'\n  → did you mean 'a'?", { columns: ['A'] }],
  ['a delimiter of two letters', 'a\n1', 'the delimiter must be one ASCII character', { delimiter: '||' }],
  ['a misspelt option', 'a\n1', "readCsv has no option 'sep'", { sep: ';' } as object],
]

for (const [what, text, says, { bytes, ...options } = {}] of bad) {
  it(`names row and column of ${what}`, async () => {
    await expect(parseCsv(bytes ?? text, options)).rejects.toThrow(says)
  })
}

it('gives up a long quote without looking at it again and again', async () => {
  const pieces = function* () {
    yield encoder.encode('a,b\n1,"')
    for (let i = 0; i < 400; i++) yield new Uint8Array(16_384).fill(120)
  }
  await expect(parseCsv(pieces())).rejects.toThrow("row 0, column 'b'")
})

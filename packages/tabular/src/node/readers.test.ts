import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { tableFromArrays, tableToIPC } from 'apache-arrow'
import { afterAll, expect, it } from 'vitest'
import { optionalPeer } from '../read/optional-peer.js'
import {
  parseJsonLines,
  readArrow,
  readCsv,
  readJsonLines,
  readParquet,
  readSql,
  TabularDataLoaders,
} from './index.js'

const folder = mkdtempSync(join(tmpdir(), 'espalier-tables-'))
const path = (name: string) => join(folder, name)
afterAll(() => rmSync(folder, { recursive: true }))

it('reads files of text, packed ones too', async () => {
  writeFileSync(path('a.csv'), 'x,t\n1,a\n2.0,\n')
  writeFileSync(path('a.csv.gz'), gzipSync('x,t\n1,a\n2.0,\n'))
  for (const name of ['a.csv', 'a.csv.gz']) {
    const frame = await readCsv(path(name))
    expect(frame.rows()).toEqual([
      { x: 1, t: 'a' },
      { x: 2, t: null },
    ])
    expect(frame.column('x').dtype).toBe('float64')
  }
  await expect(readCsv(path('none.csv'))).rejects.toThrow(/cannot read '.*none\.csv'/)
  writeFileSync(path('bad.csv'), 'x,t\n1\n')
  await expect(readCsv(path('bad.csv'))).rejects.toThrow(/row 0 of '.*bad\.csv' has 1 cells/)
  writeFileSync(path('cut.csv.gz'), gzipSync('x\n1\n').subarray(0, 20))
  await expect(readCsv(path('cut.csv.gz'))).rejects.toThrow()
})

it('loads a table from a file', async () => {
  const lines = Array.from({ length: 40 }, (_, i) => `${i};${i % 3 ? 'a' : 'b'}`)
  writeFileSync(path('t.csv'), `n;y\n${lines.join('\n')}`)
  const dls = await TabularDataLoaders.fromCsv(path('t.csv'), {
    csv: { delimiter: ';' },
    yNames: 'y',
    catNames: [],
    contNames: ['n'],
    bs: 8,
  })
  expect(dls.vocab).toEqual(['a', 'b'])
  expect((await dls.oneBatch()).arrays.map((a) => a.shape)).toEqual([[8, 1], [8]])
})

it('reads lines of JSON', async () => {
  writeFileSync(path('a.jsonl'), '{"x":1,"t":"é"}\n\n{"t":null,"b":true}\n')
  expect((await readJsonLines(path('a.jsonl'))).rows()).toEqual([
    { x: 1, t: 'é', b: null },
    { x: null, t: null, b: true },
  ])
  expect((await parseJsonLines('{"x":1,"y":2}', { columns: ['y'] })).rows()).toEqual([{ y: 2 }])
  await expect(parseJsonLines('{"x":1}\n{"x":')).rejects.toThrow('line 2 of the table is no JSON')
  await expect(parseJsonLines('[1]')).rejects.toThrow('line 1 of the table holds [1], not an object')
  await expect(parseJsonLines('{"x":1}\n{"x":"a"}')).rejects.toThrow(`column 'x' holds string "a" in row 1`)
})

it('asks DuckDB, and reads what it writes as Parquet', async () => {
  const rows =
    "select * from (values (1::bigint, 1.5, 'x', date '2020-01-02', true, 2::double), (2, null, null, null, null, 3)) t(i, f, t, d, b, w)"
  const expected = [
    { i: 1, f: 1.5, t: 'x', d: new Date('2020-01-02'), b: true, w: 2 },
    { i: 2, f: null, t: null, d: null, b: null, w: 3 },
  ]
  const asked = await readSql(rows)
  expect(asked.rows()).toEqual(expected)
  expect(asked.column('w').dtype).toBe('float64')
  await readSql(`copy (${rows}) to '${path('a.parquet')}' (format parquet)`)
  const read = await readParquet(path('a.parquet'))
  expect(read.rows()).toEqual(expected)
  expect([read.column('i').dtype, read.column('w').dtype]).toEqual(['int32', 'float64'])
  expect((await readParquet(path('a.parquet'), { columns: ['t'] })).names).toEqual(['t'])
  expect(
    (await readSql(`select i from '${path('a.parquet')}' where i > $1`, { values: [1] })).rows(),
  ).toEqual([{ i: 2 }])
  await expect(readParquet(path('a.parquet'), { columns: ['T'] })).rejects.toThrow("did you mean 't'?")
  await expect(readSql('select nothing from nowhere')).rejects.toThrow('the query failed')
  writeFileSync(path('b.parquet'), 'PAR1 not really')
  await expect(readParquet(path('b.parquet'))).rejects.toThrow('cannot be read as Parquet')
  await readSql(`copy (${rows}) to '${path('z.parquet')}' (format parquet, compression zstd)`)
  await expect(readParquet(path('z.parquet'))).rejects.toThrow('give compressors')
})

it('reads Arrow', async () => {
  const table = tableFromArrays({
    i: Int32Array.of(1, 2),
    t: ['x', null],
    d: [new Date('2020-01-02'), null],
    l: BigInt64Array.of(1n, -2n),
    f: Float32Array.of(1, 2),
  })
  writeFileSync(path('a.arrow'), tableToIPC(table))
  const frame = await readArrow(path('a.arrow'))
  expect(frame.rows()).toEqual([
    { i: 1, t: 'x', d: new Date('2020-01-02'), l: 1, f: 1 },
    { i: 2, t: null, d: null, l: -2, f: 2 },
  ])
  expect(frame.column('f').dtype).toBe('float64')
})

it('says how to get a package that is missing', async () => {
  await expect(
    optionalPeer('apache-arrow', 'reading Arrow', () => Promise.reject(new Error('no'))),
  ).rejects.toThrow(
    'reading Arrow needs the package apache-arrow, which cannot be loaded\n  → npm install apache-arrow',
  )
})

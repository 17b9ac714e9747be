import { expect, it } from 'vitest'
import { dfShrink } from './df-shrink.js'
import { Frame } from './frame.js'

const people = Frame.fromRows([
  { name: 'Ada', age: 36, job: 'maths', born: new Date('1815-12-10'), here: true },
  { name: 'Bo', age: null, job: 'cook', born: null, here: false },
  { name: 'Cy', age: 25, job: 'cook', born: new Date('2000-01-02'), here: null },
  { name: 'Di', age: 41, job: null, born: new Date('1999-01-01'), here: true },
])

it('holds columns in typed arrays and gives them back as they were', () => {
  expect(people.names).toEqual(['name', 'age', 'job', 'born', 'here'])
  expect(people.column('age').data).toBeInstanceOf(Int32Array)
  expect(people.column('age').values()).toEqual([36, null, 25, 41])
  expect(people.column('job').vocab).toEqual(['maths', 'cook'])
  expect(people.column('job').missing).toBe(1)
  expect(people.row(0)).toEqual({
    name: 'Ada',
    age: 36,
    job: 'maths',
    born: new Date('1815-12-10'),
    here: true,
  })
  expect(people.column('here').values()).toEqual([true, false, null, true])
  expect([...people].length).toBe(4)
  expect(people.bytes).toBe(4 * (4 + 4 + 1 + 4 + 8 + 1 + 1))
})

it('leaves the frame as it was', () => {
  const more = people.assign({ old: (row) => Number(row['age']) > 30, one: [1, 2, 3, 4] })
  expect(people.has('old')).toBe(false)
  expect(more.column('old').values()).toEqual([true, false, false, true])
  expect(more.drop(['one']).rename({ old: 'elder' }).names.at(-1)).toBe('elder')
  expect(
    people
      .map('job', (job) => job ?? 'none')
      .column('job')
      .values()[3],
  ).toBe('none')
  expect(people.column('job').at(3)).toBeNull()
})

it('filters, sorts and picks rows', () => {
  expect(
    people
      .filter((row) => row['job'] === 'cook')
      .column('name')
      .values(),
  ).toEqual(['Bo', 'Cy'])
  expect(people.filter([1, 0, 0, 1]).length).toBe(2)
  expect(people.sort('age').column('name').values()).toEqual(['Cy', 'Ada', 'Di', 'Bo'])
  expect(people.sort('age', { descending: true }).column('name').values()).toEqual(['Di', 'Ada', 'Cy', 'Bo'])
  expect(people.sort(['job', 'name'], { descending: true }).column('name').values()).toEqual([
    'Ada',
    'Cy',
    'Bo',
    'Di',
  ])
  expect(people.take([3, 3]).column('name').values()).toEqual(['Di', 'Di'])
  expect(() => people.take([4])).toThrow('there is no row 4 among 4')
})

it('draws the same sample from the same seed, no row twice', () => {
  const frame = Frame.fromColumns({ i: Int32Array.from({ length: 50 }, (_, i) => i) })
  const drawn = frame.sample(20, { seed: 7 }).column('i').values()
  expect(new Set(drawn).size).toBe(20)
  expect(frame.sample(20, { seed: 7 }).column('i').values()).toEqual(drawn)
  expect(frame.sample(20, { seed: 8 }).column('i').values()).not.toEqual(drawn)
  expect(frame.sample(60, { replace: true }).length).toBe(60)
  expect(() => frame.sample(51)).toThrow('cannot draw 51 of 50 rows')
})

it('joins on columns, missing values matching nothing', () => {
  const pay = Frame.fromRows([
    { job: 'cook', pay: 10, name: 'x' },
    { job: 'cook', pay: 11, name: 'y' },
    { job: null, pay: 99, name: 'z' },
  ])
  const inner = people.join(pay, { on: 'job' })
  expect(inner.column('pay').values()).toEqual([10, 11, 10, 11])
  expect(inner.column('name_right').values()).toEqual(['x', 'y', 'x', 'y'])
  const left = people.join(pay, { on: 'job', how: 'left' })
  expect(left.column('pay').values()).toEqual([null, 10, 11, 10, 11, null])
  expect(() => people.join(pay.rename({ pay: 'age', job: 'pay' }), { on: 'age' })).not.toThrow()
  expect(() => people.join(Frame.fromColumns({ age: ['36'] }), { on: 'age' })).toThrow(
    "column 'age' holds number on the left and text on the right",
  )
})

it('sums up groups', () => {
  const by = people
    .groupBy('job')
    .agg({ n: 'count', age: ['age', 'mean'], first: ['name', 'first'], born: ['born', 'max'] })
  expect(by.rows()).toEqual([
    { job: 'maths', n: 1, age: 36, first: 'Ada', born: new Date('1815-12-10') },
    { job: 'cook', n: 2, age: 25, first: 'Bo', born: new Date('2000-01-02') },
    { job: null, n: 1, age: 41, first: 'Di', born: new Date('1999-01-01') },
  ])
  const odd = Frame.fromColumns({ k: ['a', 'a', 'a', 'a'], v: [1, 2, 4, 9] }).groupBy('k')
  expect(
    odd.agg({ m: ['v', 'median'], s: ['v', 'std'], u: ['v', 'nunique'], t: ['v', 'sum'] }).row(0),
  ).toEqual({
    ...{ k: 'a', m: 3, u: 4, t: 16 },
    s: expect.closeTo(3.559026, 6),
  })
  expect(() => people.groupBy('job').agg({ n: ['name', 'mean'] })).toThrow(
    "there is no 'mean' of column 'name' (text)",
  )
})

it('puts frames one below the other and joins their vocabularies', () => {
  const a = Frame.fromColumns({ x: [1, 2], t: ['b', 'a'] })
  const b = Frame.fromColumns({ t: ['c', 'a', null], x: [null, 0.5, 3] })
  const both = a.concat(b)
  expect(both.rows().map((r) => [r['x'], r['t']])).toEqual([
    [1, 'b'],
    [2, 'a'],
    [null, 'c'],
    [0.5, 'a'],
    [3, null],
  ])
  expect(both.column('t').vocab).toEqual(['b', 'a', 'c'])
  const masked = Frame.fromColumns({ x: [1, null] }).concat(
    Frame.fromColumns({ x: [2] }),
    Frame.fromColumns({ x: [0.5] }),
  )
  expect(masked.column('x').values()).toEqual([1, null, 2, 0.5])
  expect(() => a.concat(a.drop(['x']))).toThrow("frame 1 has no column 'x'")
  expect(() => a.concat(b.assign({ x: ['u', 'v', 'w'] }))).toThrow(
    "column 'x' holds a number in the first frame and a text in another",
  )
})

it('describes columns as pandas does', () => {
  const about = Frame.fromColumns({ v: [1, 2, 4, null], t: ['a', 'b', 'a', 'a'] })
    .describe()
    .rows()
  expect(about[0]).toMatchObject({
    column: 'v',
    dtype: 'int32',
    count: 3,
    missing: 1,
    unique: 3,
    min: 1,
    q25: 1.5,
    median: 2,
    q75: 3,
    max: 4,
  })
  expect(about[0]!['std']).toBeCloseTo(1.527525, 6)
  expect(about[1]).toMatchObject({ column: 't', dtype: 'category', count: 4, unique: 2, mean: null })
  expect(people.show(2).toText()).toContain('Ada')
})

it('shrinks numbers as fastai does', () => {
  const frame = Frame.fromColumns({ a: [1, 200], b: [-1, 5], c: [0.5, 1], d: [70000, null], t: ['x', 'y'] })
  const types = (f: Frame) => f.names.map((name) => f.column(name).dtype)
  expect(types(dfShrink(frame))).toEqual(['int16', 'int8', 'float32', 'int32', 'category'])
  expect(types(dfShrink(frame, { int2uint: true, skip: ['c'] }))).toEqual([
    'uint8',
    'int8',
    'float64',
    'uint32',
    'category',
  ])
  expect(dfShrink(frame).column('d').values()).toEqual([70000, null])
})

it('writes text that no spreadsheet runs', () => {
  const frame = Frame.fromColumns({ 'a,b': ['=1+1', 'say "x"', null], n: [-1, 2.5, null] })
  expect(frame.toCsv()).toBe('"a,b",n\n\'=1+1,-1\n"say ""x""",2.5\n,\n')
  expect(frame.toCsv({ escapeFormulas: false, delimiter: ';', na: 'NA' })).toBe(
    'a,b;n\n=1+1;-1\n"say ""x""";2.5\nNA;NA\n',
  )
  expect(Frame.fromColumns({ d: [new Date('2020-01-02'), new Date('2020-01-02T03:04:05Z')] }).toCsv()).toBe(
    'd\n2020-01-02\n2020-01-02 03:04:05\n',
  )
})

it('says which column and row are wrong', () => {
  expect(() => people.column('Age')).toThrow("no column 'Age'\n  → did you mean 'age'?")
  expect(() => Frame.fromColumns({ a: [1, 'x'] })).toThrow(`column 'a' holds string "x" in row 1`)
  expect(() => Frame.fromColumns({ a: [1], b: [1, 2] })).toThrow("column 'b' has 2 rows, column 'a' has 1")
  expect(() => Frame.fromColumns({ a: [{}] })).toThrow("column 'a' holds {} in row 0")
  expect(() => Frame.fromRows([{ a: 1 }, 5] as never)).toThrow('got number 5 as row 1')
  expect(() => people.filter([true])).toThrow('the mask has 1 entries for 4 rows')
})

import { Random } from '@espalier/data'
import { expect, it } from 'vitest'
import { Frame } from '../frame/frame.js'
import { categorify } from './categorify.js'
import { contCatSplit } from './cont-cat-split.js'
import { dateparts } from './dateparts.js'
import { fillMissing } from './fill-missing.js'
import { procsFromJson } from './from-json.js'
import { normalize } from './normalize.js'
import { TabularProcs } from './tabular-procs.js'

const random = new Random(3, 'table')
const jobs = ['cook', 'clerk', 'Äbtissin', 'baker']
const rows = Array.from({ length: 60 }, (_, i) => ({
  job: i % 7 === 0 ? null : jobs[random.int(4)]!,
  floor: random.int(5),
  member: random.int(2) === 1,
  age: i % 5 === 2 ? null : 20 + random.int(50),
  income: random.uniform(1000, 6000),
  sold: new Date(Date.UTC(2020, random.int(12), 1 + random.int(28))),
}))
const frame = Frame.fromRows(rows)
const train = Array.from({ length: 40 }, (_, i) => i)
const roles = { cats: ['job', 'floor', 'member'], conts: ['age', 'income'] }
const all = [normalize(), categorify(), fillMissing()]
const fitted = () => TabularProcs.fit(all, frame, train, roles)

it('puts steps in order, whatever the order of the list', () => {
  const { procs } = fitted()
  expect(procs.steps.map((s) => s.name)).toEqual(['fillMissing', 'categorify', 'normalize'])
  expect(procs.roles).toEqual({ cats: ['job', 'floor', 'member', 'age_na'], conts: ['age', 'income'] })
  expect(procs.classes).toEqual({
    job: ['#na#', 'baker', 'clerk', 'cook', 'Äbtissin'],
    floor: ['#na#', '0', '1', '2', '3', '4'],
    member: ['#na#', 'false', 'true'],
    age_na: ['#na#', 'false', 'true'],
  })
})

it('gives back every row as it was', () => {
  const { procs, encoded } = fitted()
  const back = procs.rowsOf(procs.halvesOf(encoded))
  const names = [...roles.cats, ...roles.conts]
  expect(back.names).toEqual(names)
  for (const [i, row] of rows.entries()) {
    const { income, ...exact } = frame.select(names).row(i)
    const { income: found, ...rest } = back.row(i)
    expect(rest, `row ${i}`).toEqual(exact)
    expect(found).toBeCloseTo(Number(income), 2)
    expect(row.job).toBe(rest['job'])
  }
  // The steps by themselves work in doubles: nothing is lost.
  const doubles = procs.decode(encoded).column('income').values()
  for (const [i, v] of doubles.entries()) expect(v).toBeCloseTo(rows[i]!.income, 9)
  expect(procs.rowsOf(procs.halvesOf(encoded), { filled: true }).column('age').missing).toBe(0)
})

it('learns nothing from rows that validate', () => {
  const learned = JSON.stringify(fitted().procs)
  const spoilt = frame.assign({
    job: (row, i) => (i < 40 ? row['job'] : 'pirate'),
    floor: (row, i) => (i < 40 ? row['floor'] : 99),
    age: (row, i) => (i < 40 ? row['age'] : 1e6),
    income: (row, i) => (i < 40 ? row['income'] : -1e6),
  })
  const { procs, encoded } = TabularProcs.fit(all, spoilt, train, roles)
  expect(JSON.stringify(procs)).toBe(learned)
  expect(encoded.column('job').at(50)).toBe(0)
  const open = TabularProcs.fit([categorify({ classesOf: 'all' }), fillMissing()], spoilt, train, roles).procs
  expect(open.classes['job']).toContain('pirate')
  expect(open.classes['floor']).not.toContain('99')
})

it('travels as JSON and prepares a single row', () => {
  const { procs, encoded } = fitted()
  const again = procsFromJson(JSON.parse(JSON.stringify(procs)))
  const { cats, conts } = procs.halvesOf(encoded)
  for (const i of [0, 2, 17, 59]) {
    const one = again.halves({ ...rows[i], of: { no: 'interest' } })
    expect(Array.from(one.cats.data)).toEqual(Array.from(cats.data.subarray(i * 4, i * 4 + 4)))
    expect(Array.from(one.conts.data)).toEqual(Array.from(conts.data.subarray(i * 2, i * 2 + 2)))
  }
  expect(JSON.stringify(again)).toBe(JSON.stringify(procs))
  expect(() => procs.halves({ job: 'cook' })).toThrow(
    "the row has no column 'floor'\n  → say floor: null where it is not known",
  )
})

it('keeps to an order of classes, and to a policy for others', () => {
  const sizes = Frame.fromColumns({ size: ['M', 'S', 'L', null], x: [1, 2, 3, 4] })
  const on = (options: Parameters<typeof categorify>[0]) =>
    TabularProcs.fit([categorify(options)], sizes, [0, 1, 2], { cats: ['size'], conts: ['x'] })
  expect(
    on({ orders: { size: ['S', 'M', 'L'] } })
      .encoded.column('size')
      .values(),
  ).toEqual([2, 1, 3, 0])
  expect(on({}).encoded.column('size').values()).toEqual([2, 3, 1, 0])
  for (const missing of ['error', ['size']] as const)
    expect(() => on({ missing })).toThrow("row 3 has no value in column 'size'")
  expect(() => on({ missing: ['x'] })).toThrow("'x' is no categorical column")
  const listed = on({ missing: [] }).procs.toJSON()
  expect(JSON.stringify(procsFromJson(listed).toJSON())).toBe(JSON.stringify(listed))
  const strict = on({ unseen: 'error' }).procs
  expect(() => strict.halves({ size: 'XL', x: 0 })).toThrow(
    "row 0 holds 'XL' in column 'size', which no training row does",
  )
  expect(Array.from(on({}).procs.halves({ size: 'XL', x: 0 }).cats.data)).toEqual([0])
  expect(() => on({ orders: { x: [1] } })).toThrow("'x' is no categorical column")
  expect(() => on({ orders: { size: ['S', 'S'] } })).toThrow("the class 'S' twice")
  expect(() => on({ unseen: 'skip' } as never)).toThrow("unseen must be 'na' or 'error'")
})

it('fills with the median, the most frequent value, or a constant', () => {
  const some = Frame.fromColumns({ a: [5, null, 1, 1, 9], b: [1, 2, 3, 4, null] })
  const on = (options: Parameters<typeof fillMissing>[0], n = 5) =>
    TabularProcs.fit([fillMissing(options), categorify()], some, [0, 1, 2, 3, 4].slice(0, n), {
      cats: [],
      conts: ['a', 'b'],
    })
  expect(on({}).encoded.column('a').at(1)).toBe(3)
  expect(on({ fillStrategy: 'mode' }).encoded.column('a').at(1)).toBe(1)
  expect(
    on({ fillStrategy: 'constant', fillVals: { a: -1 } })
      .encoded.rows()
      .map((r) => [r['a'], r['b']]),
  ).toEqual([
    ...[
      [5, 1],
      [-1, 2],
      [1, 3],
      [1, 4],
    ],
    [9, 0],
  ])
  expect(on({ addCol: false }).procs.roles.cats).toEqual([])
  expect(() => on({}, 4)).toThrow("row 4 has no value in column 'b', where no training row misses one")
  const lenient = on({ unseen: 'fill' }, 4)
  expect(lenient.encoded.column('b').at(4)).toBe(2.5)
  expect(lenient.procs.roles.cats).toEqual(['a_na'])
})

it('makes parts of dates that a single row brings along', () => {
  const parts = { cats: ['soMonth', 'floor'], conts: ['soElapsed'] }
  const { procs } = TabularProcs.fit(
    [dateparts('sold', { prefix: 'so' }), categorify(), normalize()],
    frame,
    train,
    parts,
  )
  const again = procsFromJson(JSON.parse(JSON.stringify(procs)))
  const { cats } = again.halves({ floor: rows[3]!.floor, sold: rows[3]!.sold.toISOString().slice(0, 10) })
  expect(again.classes['soMonth']![cats.data[0]!]).toBe(String(rows[3]!.sold.getUTCMonth() + 1))
})

it('tells continuous columns from categorical ones', () => {
  expect(contCatSplit(frame.drop(['sold']), { depVar: 'job' })).toEqual({
    contNames: ['age', 'income'],
    catNames: ['floor', 'member'],
  })
  expect(contCatSplit(frame, { maxCard: 3 }).contNames).toContain('floor')
})

const x = { cats: [], conts: ['x'] }
const bad: readonly (readonly [what: string, run: () => unknown, says: string])[] = [
  [
    'an unknown column',
    () => TabularProcs.fit(all, frame, train, { cats: ['Job'], conts: [] }),
    "no column 'Job'\n  → did you mean 'job'?",
  ],
  [
    'a column named twice',
    () => TabularProcs.fit(all, frame, train, { cats: ['job'], conts: ['job'] }),
    "column 'job' is named twice",
  ],
  [
    'no columns',
    () => TabularProcs.fit(all, frame, train, { cats: [], conts: [] }),
    'there is no column to learn from',
  ],
  [
    'text among numbers',
    () => TabularProcs.fit(all, frame, train, { cats: [], conts: ['job'] }),
    "column 'job' holds texts and cannot be continuous",
  ],
  [
    'a word among numbers',
    () => TabularProcs.fit(all, Frame.fromColumns({ x: ['1', '2', 'many'] }), [0, 2], x),
    "column 'x' holds texts and cannot be continuous: row 2 holds 'many'",
  ],
  [
    'dates among categories',
    () => TabularProcs.fit(all, frame, train, { cats: ['sold'], conts: [] }),
    "column 'sold' holds dates, which are no categories",
  ],
  [
    'a column without values',
    () => TabularProcs.fit(all, Frame.fromColumns({ x: [null, null] }), [0, 1], x),
    "column 'x' has no value in the training rows",
  ],
  [
    'a column of one value',
    () => TabularProcs.fit(all, Frame.fromColumns({ x: [7, 7, 8] }), [0, 1], x),
    "column 'x' holds 7 in every training row",
  ],
  [
    'an infinite number',
    () => TabularProcs.fit([normalize()], Frame.fromColumns({ x: [0, 1, -Infinity] }), [2, 1], x),
    "row 2 holds -Infinity in column 'x'",
  ],
  [
    'an infinite number that validates',
    () => {
      const { procs, encoded } = TabularProcs.fit(
        [normalize()],
        Frame.fromColumns({ x: [0, 1, Infinity] }),
        [0, 1],
        x,
      )
      procs.halvesOf(encoded)
    },
    "row 2 holds Infinity in column 'x'",
  ],
  [
    'a missing number that nothing fills',
    () => {
      const { procs, encoded } = TabularProcs.fit(
        [normalize()],
        Frame.fromColumns({ x: [0, 1, null] }),
        [0, 1],
        x,
      )
      procs.halvesOf(encoded)
    },
    "row 2 has no value in column 'x'",
  ],
  [
    'categories without codes',
    () => {
      const { procs, encoded } = TabularProcs.fit([], frame, train, { cats: ['job'], conts: [] })
      procs.halvesOf(encoded)
    },
    "column 'job' is categorical but has no codes",
  ],
  [
    'steps that were not called',
    () => TabularProcs.fit([categorify] as never, frame, train, roles),
    'call it: procs: [categorify()]',
  ],
  [
    'what normalizes pictures',
    () => TabularProcs.fit([{ name: 'normalize' } as never], frame, train, { cats: [], conts: ['age'] }),
    "normalizeColumns in 'espalier'",
  ],
  ['a misspelt option', () => fillMissing({ add_col: true } as never), 'did you mean addCol?'],
  [
    'damaged JSON',
    () =>
      procsFromJson({
        input: x,
        steps: [{ name: 'normalize', state: { means: { x: 1 }, stds: {}, whole: [], roles: x } }],
      }),
    "damaged: the deviation of 'x' is undefined",
  ],
  [
    'JSON of another step',
    () => procsFromJson({ input: x, steps: [{ name: 'constructor', state: {} }] }),
    'the name of step 0 is string "constructor"',
  ],
]

for (const [what, run, says] of bad) it(`refuses ${what}`, () => expect(run).toThrow(says))

it('takes columns with the names of what objects have', () => {
  const odd = Frame.fromColumns({ constructor: ['a', 'b'], toString: [1, 2], ['__proto__']: [3, 4] })
  expect(odd.names).toEqual(['constructor', 'toString', '__proto__'])
  const { procs, encoded } = TabularProcs.fit(all, odd, [0, 1], {
    cats: ['constructor'],
    conts: ['toString', '__proto__'],
  })
  expect(Array.from(procs.halvesOf(encoded).cats.data)).toEqual([1, 2])
  expect(procs.rowsOf(procs.halvesOf(encoded)).column('toString').values()).toEqual([1, 2])
})

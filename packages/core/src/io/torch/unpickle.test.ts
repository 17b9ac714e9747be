import { EspalierError } from '@espalier/data'
import { describe, expect, it } from 'vitest'
import { PickleGlobal, PickleObject, Tuple } from './pickle-values.js'
import { type PickleRules, unpickle } from './unpickle.js'

const rules: PickleRules = {
  global: (module, name) => {
    if (module === 'm' && name === 'args') return new PickleGlobal('m.args', (args) => [...args])
    if (module === 'm' && name === 'object')
      return new PickleGlobal('m.object', () => new PickleObject('m.object'))
    if (module === 'm' && name === 'tag') return new PickleGlobal('m.tag')
    throw new EspalierError('torch/forbidden', `${module}.${name}`)
  },
  persistent: (id) => ({ id }),
}

/** Bytes of a pickle: texts by character code, numbers as they are. */
const bytes = (...parts: readonly (string | number)[]) =>
  Uint8Array.from(parts.flatMap((p) => (typeof p === 'number' ? [p] : [...p].map((c) => c.charCodeAt(0)))))
const load = (...parts: readonly (string | number)[]) => unpickle(bytes(...parts), rules).value

function codeOf(...parts: readonly (string | number)[]): string {
  try {
    load(...parts)
    return 'loads'
  } catch (error) {
    if (!(error instanceof EspalierError)) throw error
    return error.code
  }
}

describe('unpickle reads', () => {
  it.each<[what: string, pickle: string, value: unknown]>([
    ['None', 'N.', null],
    ['True', '\x88.', true],
    ['False', '\x89.', false],
    ['True of protocol 1', 'I01\n.', true],
    ['False of protocol 1', 'I00\n.', false],
    ['an integer in a line', 'I-12\n.', -12],
    ['a long in a line', 'L18446744073709551616L\n.', 2n ** 64n],
    ['one byte', 'K\xff.', 255],
    ['two bytes', 'M\x01\x02.', 513],
    ['four bytes', 'J\xfe\xff\xff\xff.', -2],
    ['a long of no bytes', '\x8a\x00.', 0],
    ['a negative long', '\x8a\x01\xff.', -1],
    ['a long of two bytes', '\x8a\x02\xff\x00.', 255],
    ['a long that a double cannot hold', '\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f.', 2n ** 63n - 1n],
    ['a float', 'G?\xf8\x00\x00\x00\x00\x00\x00.', 1.5],
    ['text', 'X\x02\x00\x00\x00\xc3\xa9.', 'é'],
    ['short text', '\x8c\x01a.', 'a'],
    ['long text', '\x8d\x01\x00\x00\x00\x00\x00\x00\x00a.', 'a'],
    ["Python 2's text", 'U\x01a.', 'a'],
    ["Python 2's long text", 'T\x01\x00\x00\x00a.', 'a'],
    ['bytes', 'B\x02\x00\x00\x00ab.', bytes('ab')],
    ['short bytes', 'C\x02ab.', bytes('ab')],
    ['an empty tuple', ').', new Tuple([])],
    ['a tuple of one', 'K\x01\x85.', new Tuple([1])],
    ['a tuple of two', 'K\x01K\x02\x86.', new Tuple([1, 2])],
    ['a tuple of three', 'K\x01K\x02K\x03\x87.', new Tuple([1, 2, 3])],
    ['a tuple of four', '(K\x01K\x02K\x03Nt.', new Tuple([1, 2, 3, null])],
    ['a list', '](K\x01K\x02eK\x03a.', [1, 2, 3]],
    ['a list of protocol 1', '(K\x01l.', [1]],
    [
      'a dict',
      '}(U\x01aK\x01U\x01bK\x02uU\x01cNs.',
      new Map<string, number | null>([
        ['a', 1],
        ['b', 2],
        ['c', null],
      ]),
    ],
    ['a dict of protocol 1', '(U\x01aK\x01d.', new Map([['a', 1]])],
    ['a set', '\x8f(K\x01K\x02\x90.', new Set([1, 2])],
    ['a frozen set', '(K\x01\x91.', new Set([1])],
    ['a frame', '\x80\x04\x95\x02\x00\x00\x00\x00\x00\x00\x00N.', null],
    ['what was remembered by number', 'K\x05q\x07h\x07\x86.', new Tuple([5, 5])],
    [
      'what was remembered by a large number',
      'K\x05r\x00\x00\x01\x00j\x00\x00\x01\x00\x86.',
      new Tuple([5, 5]),
    ],
    ['what was remembered in a row', 'K\x05\x94K\x06\x94h\x00h\x01\x86.', new Tuple([5, 6])],
    ['what was remembered in a line', 'K\x05p3\ng3\n\x86.', new Tuple([5, 5])],
    ['a copy of the top', 'K\x052\x86.', new Tuple([5, 5])],
    ['nothing of what is dropped', 'K\x05K\x060(K\x07K\x081.', 5],
    ['a persistent id', 'U\x01aQ.', { id: 'a' }],
    ['a call', 'cm\nargs\nK\x01K\x02\x86R.', [1, 2]],
    ['a call by the names on the stack', 'U\x01mU\x04args\x93K\x01\x85R.', [1]],
    [
      'a new object, whose fields are dropped',
      'cm\nobject\n)\x81}U\x01aK\x01sb.',
      new PickleObject('m.object'),
    ],
    ['a dict with attributes, which are dropped', '}}U\x01aK\x01sb.', new Map()],
  ])('%s', (_, pickle, value) => {
    expect(load(pickle)).toEqual(value)
  })

  it('keys that name prototypes, as keys', () => {
    const dict = load('}(U\x09__proto__}U\x01aK\x01sU\x0bconstructorK\x02u.') as Map<unknown, unknown>
    expect(dict).toBeInstanceOf(Map)
    expect([...dict.keys()]).toEqual(['__proto__', 'constructor'])
    expect(Object.keys({})).toEqual([])
    expect((load('(U\x09__proto__}d.') as Map<unknown, unknown>).size).toBe(1)
  })

  it('an object that holds itself', () => {
    const list = load(']q\x00h\x00a.') as unknown[]
    expect(list[0]).toBe(list)
  })

  it('pickles that follow each other', () => {
    const two = bytes('K\x01.K\x02.')
    const first = unpickle(two, rules)
    expect(first).toEqual({ value: 1, end: 3 })
    expect(unpickle(two, rules, first.end)).toEqual({ value: 2, end: 6 })
  })

  it('400,000 values in one list', () => {
    expect((load('](', 'N'.repeat(400_000), 'e.') as unknown[]).length).toBe(400_000)
  })

  it('a text that doubles in each of 64 steps, without ever making it', () => {
    const doubled = load(
      'U\x01aq\x00',
      ...Array.from({ length: 64 }, (_, i) => `h${String.fromCharCode(i)}\x86q${String.fromCharCode(i + 1)}`),
      '.',
    )
    expect(doubled).toBeInstanceOf(Tuple)
  })

  it('lists in lists, 300,000 deep', () => {
    expect(load(']'.repeat(300_000), 'a'.repeat(299_999), '.')).toHaveLength(1)
  })
})

describe('unpickle refuses', () => {
  it.each<[what: string, pickle: string]>([
    ['a name that is not known', 'cos\nsystem\nU\x02lsR.'],
    ['the same through the stack', 'U\x02osU\x06system\x93.'],
    ['names that inherit', 'cm\n__proto__\n.'],
  ])('%s', (_, pickle) => {
    expect(codeOf(pickle)).toBe('torch/forbidden')
  })

  it.each<[what: string, pickle: string]>([
    ['nothing', ''],
    ['an end without a value', '.'],
    ['no end', 'N'],
    ['a call of what is no name', 'K\x01)R.'],
    ['a call of None', 'N)R.'],
    ['a call of a tuple', ')q\x00h\x00R.'],
    ['a call of a name that is no function', 'cm\ntag\n)R.'],
    ['a call with a list', 'cm\nargs\n]R.'],
    ['a new object of what is no name', 'K\x01)\x81.'],
    ['attributes of a name', 'cm\nargs\n}U\x01aK\x01sb.'],
    ['attributes of a list', ']}b.'],
    ['attributes of a persistent object', 'U\x01aQ}b.'],
    ['items in a name', 'cm\nargs\nU\x01aK\x01s.'],
    ['items in a list', ']U\x01aK\x01s.'],
    ['items in a tuple', ')U\x01aK\x01s.'],
    ['a key without a value', '}(U\x01au.'],
    ['appending to a tuple', ')K\x01a.'],
    ['appending to a dict', '}K\x01a.'],
    ['adding to a list', '](K\x01\x90.'],
    ['a name that is not text', 'K\x01K\x02\x93.'],
    ['memory that was never filled', 'h\x00.'],
    ['a mark that is not there', 't.'],
    ['taking what is below a mark', 'K\x01(\x85.'],
    ['appending to what is below a mark', '](K\x01K\x01a.'],
    ['a class with fields (protocol 0)', '(im\nargs\n.'],
    ['a class on the stack (protocol 1)', '(cm\nargs\nK\x01o.'],
    ['a persistent id in a line', 'Pstorage\n.'],
    ['registered extensions', '\x82\x01.'],
    ['a new object with names', 'cm\nargs\n)}\x92.'],
    ['bytes from outside', '\x97.'],
    ['protocol 6', '\x80\x06N.'],
    ['bytes beyond the end', 'B\xfb\xff\xff\xff.'],
    ['bytes beyond 2^53', '\x8e\xff\xff\xff\xff\xff\xff\xff\xff.'],
    ['text beyond the end', 'X\x10\x00\x00\x00abc.'],
    ['text that is not UTF-8', 'U\x01\xff.'],
    ['a line that does not end', 'I12'],
    ['a line that is no integer', 'I0x10\n.'],
    ['a line of 41 digits', `L${'9'.repeat(41)}L\n.`],
    ['a name cut off', 'cm\nargs'],
  ])('%s', (_, pickle) => {
    expect(codeOf(pickle)).toBe('torch/pickle')
  })

  it('more than a million operations', () => {
    expect(codeOf('(', 'N0'.repeat(500_000), 'N.')).toBe('torch/pickle')
  })

  it('every pickle cut off before its end, and hangs at none', () => {
    const whole = bytes(
      '\x80\x02}q\x00(X\x01\x00\x00\x00acm\nargs\n(K\x01J\x00\x00\x00\x00G?\xf8\x00\x00\x00\x00\x00\x00tRU\x01b\x8a\x02\xff\x00u.',
    )
    expect(unpickle(whole, rules).end).toBe(whole.length)
    for (let n = 0; n < whole.length; n++)
      expect(() => unpickle(whole.subarray(0, n), rules)).toThrow(EspalierError)
  })
})

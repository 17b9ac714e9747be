import { quoted } from '../quoted.js'
import { PickleReader } from './pickle-reader.js'
import { PickleGlobal, PickleObject, pickleError, Tuple } from './pickle-values.js'

/** What the names and persistent ids in a pickle stand for. Both throw to refuse. */
export interface PickleRules {
  global(module: string, name: string): PickleGlobal
  persistent(id: unknown): unknown
}

/** Each may make an object of up to 200 bytes; a state dict takes about 30 per tensor. */
const maxOperations = 1_000_000

/**
 * Reads the pickle that starts at `at`: what it holds, and where it ends. Only data is made: null, booleans,
 * numbers, bigints, strings, bytes, arrays for lists, `Tuple`, `Set`, `Map` for dicts, and what the rules return.
 * Protocols 1 to 5; an operation that state dicts do not need is an error (`torch/pickle`).
 */
export function unpickle(
  bytes: Uint8Array,
  rules: PickleRules,
  at = 0,
): { readonly value: unknown; readonly end: number } {
  const machine = new Machine(new PickleReader(bytes, at), rules)
  for (let n = 0; n < maxOperations; n++) {
    const code = machine.read.byte()
    if (code === stop) return { value: machine.pop(), end: machine.read.at }
    const run = operations[code]
    if (!run) throw pickleError(`operation ${quoted(String.fromCharCode(code))} (${code}) is not data`)
    run(machine)
  }
  throw pickleError(`it takes more than ${maxOperations} operations`)
}

class Machine {
  readonly stack: unknown[] = []
  readonly memo = new Map<number, unknown>()
  /** The height of the stack at each open mark. */
  readonly marks: number[] = []

  constructor(
    readonly read: PickleReader,
    readonly rules: PickleRules,
  ) {}

  push(value: unknown): void {
    this.stack.push(value)
  }

  pop(): unknown {
    this.#need(1)
    return this.stack.pop()
  }

  top(): unknown {
    this.#need(1)
    return this.stack.at(-1)
  }

  /** The last `n` values, oldest first, taken off the stack. */
  take(n: number): unknown[] {
    this.#need(n)
    return this.stack.splice(this.stack.length - n)
  }

  /** The values since the last mark, taken off the stack with it. */
  popMark(): unknown[] {
    const height = this.marks.pop()
    if (height === undefined) throw pickleError('a mark is missing')
    return this.stack.splice(height)
  }

  save(key: number): void {
    this.memo.set(key, this.top())
  }

  load(key: number): void {
    if (!this.memo.has(key)) throw pickleError(`nothing was remembered as ${key}`)
    this.push(this.memo.get(key))
  }

  append(values: readonly unknown[]): void {
    const list = this.top()
    if (!Array.isArray(list)) throw pickleError('something is appended to what is not a list')
    for (const value of values) list.push(value)
  }

  setItems(pairs: readonly unknown[]): void {
    const dict = this.top()
    if (!(dict instanceof Map)) throw pickleError('an item is set in what is not a dict')
    fill(dict, pairs)
  }

  addItems(values: readonly unknown[]): void {
    const set = this.top()
    if (!(set instanceof Set)) throw pickleError('an item is added to what is not a set')
    for (const value of values) set.add(value)
  }

  global(module: unknown, name: unknown): void {
    if (typeof module !== 'string' || typeof name !== 'string') throw pickleError('a name is not text')
    this.push(this.rules.global(module, name))
  }

  /** Calls a function of ours; nothing that a pickle can make is a `PickleGlobal`. */
  call(): void {
    const [callee, args] = this.take(2)
    if (!(callee instanceof PickleGlobal)) throw pickleError('something is called that is no name')
    if (!callee.make || !(args instanceof Tuple)) throw pickleError(`'${callee.name}' cannot be called`)
    this.push(callee.make(args.items))
  }

  /** Attributes: an OrderedDict's `_metadata`, an object's fields. They are not weights, so they are dropped. */
  build(): void {
    this.pop()
    const target = this.top()
    if (!(target instanceof Map || target instanceof PickleObject)) {
      throw pickleError('attributes are set on what has none')
    }
  }

  /** Below the last mark nothing may be taken. */
  #need(n: number): void {
    if (this.stack.length - (this.marks.at(-1) ?? 0) < n)
      throw pickleError('it takes more values than it made')
  }
}

function fill(dict: Map<unknown, unknown>, pairs: readonly unknown[]): Map<unknown, unknown> {
  if (pairs.length % 2 === 1) throw pickleError('a dict has a key without a value')
  for (let i = 0; i < pairs.length; i += 2) dict.set(pairs[i], pairs[i + 1])
  return dict
}

const stop = 0x2e
const operations: readonly (((m: Machine) => void) | undefined)[] = byCode({
  '\x80': (m) => m.read.protocol(),
  '\x95': (m) => m.read.bytes(8), // FRAME: a length that only matters to a reader of streams
  '(': (m) => m.marks.push(m.stack.length),
  '0': (m) => m.pop(),
  '1': (m) => m.popMark(),
  '2': (m) => m.push(m.top()),
  N: (m) => m.push(null),
  '\x88': (m) => m.push(true),
  '\x89': (m) => m.push(false),
  I: (m) => m.push(m.read.intLine()),
  L: (m) => m.push(m.read.longLine()),
  J: (m) => m.push(m.read.int32()),
  K: (m) => m.push(m.read.byte()),
  M: (m) => m.push(m.read.uint16()),
  '\x8a': (m) => m.push(m.read.long(m.read.byte())),
  G: (m) => m.push(m.read.float64()),
  X: (m) => m.push(m.read.text(m.read.uint32())),
  '\x8c': (m) => m.push(m.read.text(m.read.byte())),
  '\x8d': (m) => m.push(m.read.text(m.read.uint64())),
  U: (m) => m.push(m.read.text(m.read.byte())), // Python 2's str
  T: (m) => m.push(m.read.text(m.read.uint32())),
  C: (m) => m.push(m.read.bytes(m.read.byte())),
  B: (m) => m.push(m.read.bytes(m.read.uint32())),
  '\x8e': (m) => m.push(m.read.bytes(m.read.uint64())),
  ')': (m) => m.push(new Tuple([])),
  '\x85': (m) => m.push(new Tuple(m.take(1))),
  '\x86': (m) => m.push(new Tuple(m.take(2))),
  '\x87': (m) => m.push(new Tuple(m.take(3))),
  t: (m) => m.push(new Tuple(m.popMark())),
  ']': (m) => m.push([]),
  l: (m) => m.push(m.popMark()),
  a: (m) => m.append(m.take(1)),
  e: (m) => m.append(m.popMark()),
  '}': (m) => m.push(new Map()),
  d: (m) => m.push(fill(new Map(), m.popMark())),
  s: (m) => m.setItems(m.take(2)),
  u: (m) => m.setItems(m.popMark()),
  '\x8f': (m) => m.push(new Set()),
  '\x90': (m) => m.addItems(m.popMark()),
  '\x91': (m) => m.push(new Set(m.popMark())),
  p: (m) => m.save(m.read.indexLine()),
  q: (m) => m.save(m.read.byte()),
  r: (m) => m.save(m.read.uint32()),
  '\x94': (m) => m.save(m.memo.size),
  g: (m) => m.load(m.read.indexLine()),
  h: (m) => m.load(m.read.byte()),
  j: (m) => m.load(m.read.uint32()),
  c: (m) => m.global(m.read.line(), m.read.line()),
  '\x93': (m) => {
    const [module, name] = m.take(2)
    m.global(module, name)
  },
  R: (m) => m.call(),
  '\x81': (m) => m.call(), // NEWOBJ: a class and its arguments
  b: (m) => m.build(),
  Q: (m) => m.push(m.rules.persistent(m.pop())),
})

function byCode(table: Readonly<Record<string, (m: Machine) => void>>): ((m: Machine) => void)[] {
  const list: ((m: Machine) => void)[] = []
  for (const [code, run] of Object.entries(table)) list[code.charCodeAt(0)] = run
  return list
}

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { EspalierError, Random } from '@espalier/data'
import { afterAll, describe, expect, it } from 'vitest'
import { readSafetensors } from './safetensors.js'
import { elementBytes, type SafeDType } from './safetensors-header.js'

/**
 * Reads every file of a folder with the reference implementation and prints, by file, why it is refused or each
 * tensor's dtype, shape and hash; what it reads, it writes again into `again`.
 */
const script = `
import ctypes, hashlib, json, pathlib, sys, safetensors
folder, names = pathlib.Path(sys.argv[1]), dict(F32='float32', F64='float64', F16='float16', BF16='bfloat16', BOOL='bool')
report = {}
for path in sorted(folder.glob('*.safetensors')):
    try: tensors = safetensors.deserialize(path.read_bytes())
    except safetensors.SafetensorError as error:
        report[path.name] = str(error)
        continue
    report[path.name] = {k: [t['dtype'], t['shape'], hashlib.sha256(bytes(t['data'])).hexdigest()] for k, t in tensors}
    if any(t['dtype'] in ('F8_E4M3', 'F4', 'C64') for k, t in tensors): continue
    specs, alive = {}, []
    for k, t in tensors:
        alive.append(ctypes.create_string_buffer(bytes(t['data']), max(len(t['data']), 1)))
        dtype = names.get(t['dtype']) or t['dtype'].replace('U', 'uint').replace('I', 'int')
        specs[k] = safetensors.TensorSpec(dtype=dtype, shape=t['shape'], data_ptr=ctypes.addressof(alive[-1]), data_len=len(t['data']))
    (folder / 'again' / path.name).write_bytes(safetensors.serialize(specs, {'a': 'b'}))
print(json.dumps(report))
`

/** Why the file is refused, or each tensor's dtype, shape and hash. */
type Outcome =
  | string
  | Readonly<Record<string, readonly [dtype: string, shape: readonly number[], hash: string]>>

const caches = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
const pythons = [process.env['ESPALIER_PYTHON'], join(caches, 'espalier/peers/bin/python'), 'python3']
const python = pythons.find((python) => {
  try {
    if (python) execFileSync(python, ['-c', 'import safetensors'], { stdio: 'ignore' })
    return python !== undefined
  } catch {
    return false
  }
})
if (!python)
  console.warn('skipped: no Python with the package safetensors was found (ESPALIER_PYTHON can name one)')

const folder = mkdtempSync(join(tmpdir(), 'espalier-safetensors-'))
afterAll(() => rmSync(folder, { recursive: true }))

function reference(files: ReadonlyMap<string, Uint8Array>): ReadonlyMap<string, Outcome> {
  rmSync(folder, { recursive: true })
  mkdirSync(join(folder, 'again'), { recursive: true })
  for (const [name, bytes] of files) writeFileSync(join(folder, `${name}.safetensors`), bytes)
  const report = execFileSync(python!, ['-c', script, folder], { maxBuffer: 2 ** 28, encoding: 'utf8' })
  const entries = Object.entries(JSON.parse(report) as Record<string, Outcome>)
  return new Map(entries.map(([name, outcome]) => [name.replace('.safetensors', ''), outcome]))
}

function ours(bytes: Uint8Array): Outcome {
  try {
    const tensors = [...readSafetensors(bytes).tensors].map(
      ([name, { dtype, shape, bytes }]) =>
        [name, [dtype, shape, createHash('sha256').update(bytes).digest('hex')]] as const,
    )
    return Object.fromEntries(tensors)
  } catch (error) {
    if (!(error instanceof EspalierError)) throw error
    return error.code
  }
}

function file(header: string, data: Uint8Array): Uint8Array {
  const text = new TextEncoder().encode(header)
  const out = new Uint8Array(8 + text.length + data.length)
  new DataView(out.buffer).setBigUint64(0, BigInt(text.length), true)
  out.set(text, 8)
  out.set(data, 8 + text.length)
  return out
}

const names = [
  'w',
  'conv1.weight',
  '0',
  '17',
  '__proto_',
  'constructor',
  '../../x',
  '/etc/x',
  'C:\\x',
  'é',
  '\u{1f600}',
  '\u0000',
  '"',
  '',
  ' ',
]
const dtypes = Object.keys(elementBytes) as SafeDType[]

/** A valid header with its data, written in one of the many ways that JSON allows. */
function valid(random: Random): { readonly header: string; readonly size: number } {
  const space = () => ' \n\t\r'.charAt(random.int(16))
  const text = (s: string) =>
    random.int(3)
      ? JSON.stringify(s)
      : `"${[...s].map((c) => (c.length > 1 ? c : `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)).join('')}"`
  const fields: string[] = []
  let size = 0
  for (const name of new Set(
    Array.from(
      { length: random.int(6) },
      () => names[random.int(names.length)]! + (random.int(2) ? '' : random.int(99)),
    ),
  )) {
    const dtype = dtypes[random.int(dtypes.length)]!
    const shape = Array.from({ length: random.int(5) }, () => random.int(5))
    const end = size + shape.reduce((n, d) => n * d, elementBytes[dtype])
    const parts = [
      `"dtype":${space()}"${dtype}"`,
      `"shape"${space()}:[${shape.join(`${space()},`)}]`,
      `"data_offsets":[${size},${space()}${end}]`,
    ]
    if (random.int(8) === 0) parts.push('"more":{"x":[null,true,"y"]}')
    const order = random.permutation(parts.length).map((i) => parts[i]!)
    fields.push(`${text(name)}${space()}:${space()}{${order.join(`${space()},${space()}`)}}`)
    size = end
  }
  if (random.int(3) === 0)
    fields.push(
      random.int(4)
        ? `"__metadata__":{${random.int(2) ? `${text('fé')}:${text('pt\n')}` : ''}}`
        : '"__metadata__":null',
    )
  const order = random.permutation(fields.length).map((i) => fields[i]!)
  return { header: `{${order.join(`,${space()}`)}}${' '.repeat(random.int(9))}`, size }
}

function damaged(random: Random): Uint8Array {
  const { header, size } = valid(random)
  const data = Uint8Array.from({ length: size }, () => random.int(256))
  const swap = (pattern: RegExp, ...values: readonly string[]) => {
    const all = [...header.matchAll(pattern)]
    const hit = all[random.int(Math.max(1, all.length))]
    const value = values[random.int(values.length)]!
    return hit ? header.slice(0, hit.index) + value + header.slice(hit.index + hit[0].length) : `${header}x`
  }
  switch (random.int(12)) {
    case 0:
      return file(header, data.subarray(0, Math.max(0, size - 1 - random.int(8))))
    case 1:
      return file(header, Uint8Array.from([...data, 0]))
    case 2:
      return file(
        swap(/\d+/g, '99', '3', '0.5', '-1', '1e400', '18446744073709551616', 'null', '"1"', '[]'),
        data,
      )
    case 3:
      return file(swap(/"(?:[FBIU]\d*|BF16|BOOL)"/g, '"F31"', '"f32"', 'null', '1', '"constructor"'), data)
    case 4:
      return file(swap(/[{}[\],:"]/g, '', '}', ']', ',,', '""'), data)
    case 5:
      return file(swap(/"(?:shape|dtype|data_offsets)"/g, '"Shape"', '"x"', '""'), data)
    case 6:
      return file(
        swap(/\{/g, '{"__metadata__":{"a":1},', '{"__metadata__":[],', '{"__metadata__":"x",', '{,'),
        data,
      )
    case 7:
      return file(`\ufeff${header}`, data)
    case 8: {
      const bytes = file(header, data)
      bytes[random.int(8)]! ^= 1 << random.int(8)
      return bytes
    }
    case 9: {
      const bytes = file(header, data)
      bytes[8 + random.int(header.length)]! = 0x80 + random.int(128)
      return bytes
    }
    case 10:
      return file(header, data).subarray(0, random.int(8 + header.length))
    default:
      return file(
        `{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[${random.int(2) ? '1,3' : '3,5'}]}}`,
        new Uint8Array(random.int(2) ? 3 : 5),
      )
  }
}

describe.skipIf(!python)('the reference implementation', () => {
  it('reads 500 valid files as we do, and writes what we read', () => {
    const files = new Map<string, Uint8Array>()
    for (let i = 0; i < 500; i++) {
      const random = new Random(i, 'valid')
      const { header, size } = valid(random)
      files.set(
        `${i}`,
        file(
          header,
          Uint8Array.from({ length: size }, () => random.int(256)),
        ),
      )
    }
    const theirs = reference(files)
    expect(theirs.size).toBe(500)
    for (const [name, bytes] of files) {
      expect(typeof theirs.get(name), `${name}: ${theirs.get(name)}`).toBe('object')
      expect(ours(bytes)).toEqual(theirs.get(name))
    }
    const again = readdirSync(join(folder, 'again'))
    expect(again.length).toBe(500)
    for (const name of again) {
      const written = readFileSync(join(folder, 'again', name))
      expect(ours(written)).toEqual(theirs.get(name.replace('.safetensors', '')))
      expect([...readSafetensors(written).metadata]).toEqual([['a', 'b']])
    }
  })

  it('accepts and refuses the same of 500 damaged files', () => {
    const files = new Map(Array.from({ length: 500 }, (_, i) => [`${i}`, damaged(new Random(i, 'damaged'))]))
    const theirs = reference(files)
    let refused = 0
    for (const [name, bytes] of files) {
      const [own, their] = [ours(bytes), theirs.get(name)]
      if (typeof their === 'string') refused++
      const header = () =>
        `${name}: ${new TextDecoder().decode(bytes.subarray(8, 600))}\nours ${JSON.stringify(own)}, theirs ${JSON.stringify(their)}`
      expect(typeof own, header()).toBe(typeof their)
      if (typeof their === 'object') expect(own).toEqual(their)
    }
    expect(refused).toBeGreaterThan(400)
  })

  // Where we refuse more, on purpose: a duplicate has no agreed meaning, and the rest no writer produces.
  const entry = '"dtype":"U8","data_offsets":[0,1]'
  it.each<[what: string, header: string, size: number, ours: string]>([
    [
      'a tensor that is named twice',
      `{"w":{"shape":[1],${entry}},"w":{"shape":[1],${entry}}}`,
      1,
      'header-duplicate',
    ],
    // "The header MUST begin with a {", says the format.
    ['a header that begins with a space', ' {}', 0, 'header-json'],
    ['metadata that is named twice', '{"__metadata__":{"a":"b","a":"c"}}', 0, 'header-duplicate'],
    ['fractions in fields that are not known', `{"w":{"shape":[1],${entry},"x":1.5}}`, 1, 'header-number'],
    ['a tensor as a list of its fields', '{"w":["U8",[1],[0,1]]}', 1, 'dtype'],
    [
      'sizes beyond 2^53 beside a 0',
      '{"w":{"dtype":"U8","shape":[0,18446744073709551615],"data_offsets":[0,0]}}',
      0,
      'shape',
    ],
    ['8-bit floats', '{"w":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}}', 1, 'dtype'],
    ['4-bit floats', '{"w":{"dtype":"F4","shape":[2],"data_offsets":[0,1]}}', 1, 'dtype'],
    ['complex numbers', '{"w":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}}', 8, 'dtype'],
  ])('accepts %s; we refuse it', (_, header, size, code) => {
    const bytes = file(header, new Uint8Array(size))
    expect(typeof reference(new Map([['x', bytes]])).get('x')).toBe('object')
    expect(ours(bytes)).toBe(`safetensors/${code}`)
  })
})

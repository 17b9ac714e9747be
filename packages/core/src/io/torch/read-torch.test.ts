import { readFileSync } from 'node:fs'
import { EspalierError, Random } from '@espalier/data'
import { describe, expect, it } from 'vitest'
import { toFloat32, toInt32 } from '../convert.js'
import { elementBytes } from '../safetensors-header.js'
import { readTorch, type TorchOptions } from './read-torch.js'

/** Made by torch itself: `tools/oracle/torch_files.py`. */
const testdata = new URL('../../../../../testdata/weights/', import.meta.url)
const open = (name: string) => new Uint8Array(readFileSync(new URL(name, testdata)))

interface Expected {
  readonly dtype: string
  readonly shape: readonly number[]
  readonly hex: string
}
const expected = JSON.parse(readFileSync(new URL('expected.json', testdata), 'utf8')) as Readonly<
  Record<string, Readonly<Record<string, Expected>>>
>

function refusal(file: Uint8Array, options?: TorchOptions): EspalierError {
  try {
    readTorch(file, options)
  } catch (error) {
    if (error instanceof EspalierError) return error
    throw error
  }
  throw new Error('it was read')
}

describe('readTorch', () => {
  it.each(Object.entries(expected))('reads %s, bit for bit', (name, tensors) => {
    const read = readTorch(open(name))
    expect(new Set(read.keys())).toEqual(new Set(Object.keys(tensors)))
    for (const [key, { dtype, shape, bytes }] of read) {
      expect({ dtype, shape, hex: Buffer.from(bytes).toString('hex') }, key).toEqual(tensors[key])
    }
  })

  it('gives numbers through the same conversions as safetensors', () => {
    const tensors = readTorch(open('zip/dtypes.pth'))
    for (const key of ['F16', 'BF16', 'F32', 'F64', 'I64', 'U8', 'U16']) {
      expect([...toFloat32(key, tensors.get(key)!)]).toEqual([0, 1, 2, 3, 100, 7])
    }
    expect([...toInt32('BOOL', tensors.get('BOOL')!)]).toEqual([0, 1, 1, 1, 1, 1])
    expect(() => toInt32('negative', tensors.get('negative')!)).toThrow(/which int32 cannot/)
    expect([...toFloat32('channels_last', readTorch(open('zip/views.pth')).get('channels_last')!)]).toEqual(
      Array.from({ length: 36 }, (_, i) => i),
    )
  })

  it('keeps the order of the state dict', () => {
    expect([...readTorch(open('zip/state-dict.pth')).keys()]).toEqual([
      '0.weight',
      '0.bias',
      '1.weight',
      '1.bias',
      '1.running_mean',
      '1.running_var',
      '1.num_batches_tracked',
      '4.weight',
      '4.bias',
    ])
  })

  it.each(['zip/views.pth', 'legacy/views.pth'])('copies nothing of %s that lies row-major', (name) => {
    const file = open(name)
    const tensors = readTorch(file)
    const at = (key: string) => tensors.get(key)!.bytes.byteOffset
    for (const key of ['base', 'grid', 'same', 'tail', 'element'])
      expect(tensors.get(key)?.bytes.buffer).toBe(file.buffer)
    expect([at('grid'), at('same'), at('tail'), at('element')]).toEqual([
      at('base'),
      at('base'),
      at('base') + 80,
      at('base') + 68,
    ])
    for (const key of ['transposed', 'window', 'expanded'])
      expect(tensors.get(key)?.bytes.buffer).not.toBe(file.buffer)
  })

  it('takes the dict that it is told to', () => {
    const file = open('two-dicts.pth')
    expect([...toFloat32('w', readTorch(file, { key: 'ema' }).get('w')!)]).toEqual([2, 2])
    expect([...toFloat32('w', readTorch(file, { key: 'ema.inner' }).get('w')!)]).toEqual([0, 0])
    expect(refusal(file).code).toBe('torch/ambiguous')
    expect(refusal(file).message).toBe(
      "which weights of this PyTorch file are meant? 2 dicts hold tensors; it holds 'student', 'ema'\n  → name the dict: { key: 'student' }",
    )
    for (const key of ['', 'teacher', 'ema.w', 'student.__proto__', 'constructor']) {
      expect(refusal(file, { key }).code).toBe('torch/no-tensors')
    }
    expect(refusal(open('one-tensor.pth')).message).toMatch(
      /no dict of tensors was found; it is not a dict\n.*state_dict/,
    )
  })

  it.each<[name: string, code: string, message: RegExp]>([
    ['hostile/os-system.pth', 'torch/forbidden', /'posix.system'.*nothing of it was run/],
    ['hostile/eval.pth', 'torch/forbidden', /'__builtin__.eval'/],
    ['hostile/eval-legacy.pth', 'torch/forbidden', /'__builtin__.eval'/],
    ['hostile/getattr.pth', 'torch/forbidden', /'__builtin__.getattr'/],
    ['hostile/whole-model.pth', 'torch/forbidden', /'torch.nn.modules.linear.Linear'.*\n.*state_dict/],
    ['hostile/numpy.pth', 'torch/forbidden', /'numpy.*_reconstruct'/],
    ['hostile/script.pt', 'torch/script', /TorchScript/],
    ['hostile/bomb.pth', 'torch/too-large', /takes 83886080 bytes.*\n.*maxBytes/],
    ['big-endian.pth', 'torch/byte-order', /big-endian/],
    ['complex.pth', 'torch/dtype', /'z' is torch.ComplexFloatStorage/],
  ])('refuses %s', (name, code, message) => {
    const error = refusal(open(name))
    expect(error.code).toBe(code)
    expect(error.message).toMatch(message)
  })

  it('inflates and copies as much as it is allowed to', () => {
    expect(readTorch(open('hostile/bomb.pth'), { maxBytes: 2 ** 27 }).size).toBe(1)
  })
})

/** The bytes of a file with one number in its pickle changed. */
function patched(name: string, from: string, to: string): Uint8Array {
  const text = Buffer.from(open(name)).toString('latin1')
  if (!text.includes(from)) throw new Error(`nothing to change in ${name}`)
  return new Uint8Array(Buffer.from(text.replace(from, to), 'latin1'))
}

describe('a hostile torch file:', () => {
  // In legacy/state-dict.pth the first tensor is (storage, 0, (4, 3, 3, 3), (27, 9, 3, 1), …).
  const shape = 'K\x00(K\x04K\x03K\x03K\x03t'
  it.each<[what: string, from: string, to: string, code: string]>([
    ['an offset out of the storage', shape, 'K\x01(K\x04K\x03K\x03K\x03t', 'torch/size'],
    ['a negative offset', shape, 'J\xff\xff\xff\xff(K\x04K\x03K\x03K\x03t', 'torch/pickle'],
    ['an offset that is no number', shape, 'N(K\x04K\x03K\x03K\x03t', 'torch/pickle'],
    ['sizes out of the storage', shape, 'K\x00(K\x05K\x03K\x03K\x03t', 'torch/size'],
    ['sizes beyond 2^53', shape, 'K\x00(J\xff\xff\xff\x7fJ\xff\xff\xff\x7fK\x03K\x03t', 'torch/size'],
    ['sizes of another rank', shape, 'K\x00(K\x04K\x03K\x09t', 'torch/pickle'],
    ['a stride out of the storage', 'K\x1bK\x09', 'K\x1cK\x09', 'torch/size'],
    ['a storage of another length', 'KlNt', 'KmNt', 'torch/size'],
    ['a storage that is not stored', 'X\x07\x00\x00\x00storage', 'X\x07\x00\x00\x00Storage', 'torch/pickle'],
    ['a storage of another class', 'ctorch\nFloatStorage', 'ctorch\nfloat32\nq\x07', 'torch/pickle'],
    ['another version', 'M\xe9\x03', 'M\xea\x03', 'torch/pickle'],
    ['another magic number', '\x8a\nl', '\x8a\nm', 'torch/pickle'],
    ['the other byte order', 'little_endianq\x02\x88', 'little_endianq\x02\x89', 'torch/byte-order'],
  ])('%s', (_, from, to, code) => {
    expect(refusal(patched('legacy/state-dict.pth', from, to)).code).toBe(code)
  })

  it('a view that repeats one element 2^40 times', () => {
    // expanded: base[3:5] as [3, 2] with strides (0, 1)
    const file = patched(
      'legacy/views.pth',
      'K\x03K\x03K\x02\x86',
      'K\x03\x8a\x06\x00\x00\x00\x00\x00\x01K\x02\x86',
    )
    expect(refusal(file).code).toBe('torch/too-large')
  })

  it.each(['zip/state-dict.pth', 'legacy/state-dict.pth'])('%s cut off anywhere', (name) => {
    const file = open(name)
    for (let n = 0; n < file.length; n++) expect(refusal(file.subarray(0, n)).code).toMatch(/^torch\//)
  })

  it('6,000 mutated ones load or are refused with a typed error', () => {
    const names = [
      'zip/views.pth',
      'legacy/views.pth',
      'zip/deflated.pth',
      'legacy/dtypes.pth',
      'fastai.pth',
      'checkpoint.pth',
    ]
    const sources = names.map(open)
    const prototype = Reflect.ownKeys(Object.prototype)
    const outcomes = new Map<string, number>()
    const start = performance.now()
    for (let seed = 0; seed < 6000; seed++) {
      const random = new Random(seed, 'torch')
      const bytes = [...sources[seed % sources.length]!]
      for (let n = 1 + random.int(3); n > 0; n--) {
        const at = random.int(bytes.length)
        const kind = random.int(4)
        if (kind === 0) bytes[at]! ^= 1 << random.int(8)
        else if (kind === 1) bytes[at] = '(0RbQucte.\x81\x93}])'.charCodeAt(random.int(15))
        else if (kind === 2) bytes.splice(at, random.int(8))
        else bytes.splice(at, 0, ...bytes.slice(random.int(bytes.length)).slice(0, random.int(12)))
      }
      let outcome = 'loads'
      try {
        for (const { dtype, shape, bytes: view } of readTorch(Uint8Array.from(bytes)).values()) {
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
    const seen = ['loads', 'torch/pickle', 'torch/zip', 'torch/forbidden', 'torch/size']
    for (const outcome of seen)
      expect(outcomes.get(outcome) ?? 0, `${outcome} of ${[...outcomes]}`).toBeGreaterThan(10)
  })
})

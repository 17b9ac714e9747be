import { readdirSync, readFileSync } from 'node:fs'
import { EspalierError } from '@espalier/data'
import { describe, expect, it } from 'vitest'
import { detectWeights } from './detect-weights.js'
import { readWeights } from './read-weights.js'
import { writeSafetensors } from './safetensors.js'

const latin1 = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0))
const testdata = new URL('../../../../testdata/weights/', import.meta.url)

function refusal(bytes: Uint8Array): EspalierError {
  try {
    throw new Error(`taken for ${detectWeights(bytes)}`)
  } catch (error) {
    if (!(error instanceof EspalierError)) throw error
    return error
  }
}

describe('detectWeights', () => {
  it('tells the formats that are read', () => {
    expect(detectWeights(writeSafetensors(new Map()))).toBe('safetensors')
    expect(detectWeights(readFileSync(new URL('zip/state-dict.pth', testdata)))).toBe('torch-zip')
    for (const name of ['state-dict', 'protocol-3', 'protocol-4', 'protocol-5']) {
      expect(detectWeights(readFileSync(new URL(`legacy/${name}.pth`, testdata)))).toBe('torch-legacy')
    }
  })

  it.each<[what: string, head: string, message: RegExp, fix: RegExp]>([
    ['nothing', '', /empty/, /download/],
    ['.h5', '\x89HDF\r\n\x1a\n\0\0', /HDF5/, /Keras/],
    ['.keras', `PK\x03\x04${'\0'.repeat(22)}\x0d\0\0\0metadata.json`, /zip/, /Keras/],
    ['.npz', `PK\x03\x04${'\0'.repeat(22)}\x05\0\0\0w.npy`, /npz/, /numpy/],
    ['an empty zip', `PK\x05\x06${'\0'.repeat(18)}`, /zip/, /Keras/],
    ['.npy', '\x93NUMPY\x01\x00', /numpy array/, /numpy.load/],
    ['.pkl, protocol 4', '\x80\x04\x95\x10\0\0\0\0\0\0\0}', /pickle/, /trust/],
    ['.pkl, protocol 2', '\x80\x02}q\0.', /pickle/, /trust/],
    ['a pickle with another number', '\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x18.', /pickle/, /trust/],
    ['.tar', `${'x'.repeat(257)}ustar`, /tar/, /PyTorch/],
    ['.onnx', '\x08\x09\x12\x07pytorch', /ONNX/, /onnx/],
    ['.gguf', 'GGUF\x03\0\0\0', /GGUF/, /safetensors/],
    ['.tflite', '\x1c\0\0\0TFL3', /LiteRT/, /safetensors/],
    ['.gz', '\x1f\x8b\x08\0', /gzip/, /gunzip/],
    ['a page', '\n <!DOCTYPE html><html>', /web page/, /download/],
    ['a page without a doctype', '<html><head>', /web page/, /download/],
    ['an error in XML', '<?xml version="1.0"?><Error>', /web page/, /download/],
    ['a Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\n', /LFS/, /git lfs pull/],
    ['JSON', '{"error":"not found"}', /JSON/, /safetensors/],
    ['noise', '\x11\x22\x33\x44\x55\x66\x77\x88\x99', /unknown format/, /safetensors/],
    ['a safetensors header of 200 MB', '\x00\xc2\xeb\x0b\0\0\0\0{"', /unknown format/, /safetensors/],
  ])('refuses %s and says what to do', (_, head, message, fix) => {
    const error = refusal(latin1(head))
    expect(error.code).toBe('weights/format')
    const [what, way] = error.message.split('\n  → ')
    expect(what).toMatch(message)
    expect(way).toMatch(fix)
  })

  it('looks at 1 KiB and no further', () => {
    const read: number[] = []
    const watched = new Proxy(new Uint8Array(1), {
      get: (_, key) => {
        if (key !== 'subarray') throw new Error(`reads ${String(key)} of the file itself`)
        return (from: number, to: number) => {
          read.push(to)
          return new Uint8Array(to - from)
        }
      },
    })
    expect(refusal(watched).code).toBe('weights/format')
    expect(read).toEqual([1024])
  })
})

it('readWeights reads either kind by its bytes', () => {
  const expected = JSON.parse(readFileSync(new URL('expected.json', testdata), 'utf8')) as Record<
    string,
    object
  >
  const files = readdirSync(testdata, { recursive: true, encoding: 'utf8' }).filter((f) => f in expected)
  expect(files.length).toBeGreaterThan(10)
  for (const f of files) {
    expect([...readWeights(readFileSync(new URL(f, testdata))).keys()].sort()).toEqual(
      Object.keys(expected[f]!).sort(),
    )
  }
  const one = writeSafetensors(new Map([['w', { shape: [], data: Uint8Array.of(1) }]]))
  expect(readWeights(one).get('w')?.bytes).toEqual(Uint8Array.of(1))
})

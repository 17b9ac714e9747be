import { expect, it } from 'vitest'
import { ndArray } from '../nd-array.js'
import { packed } from './packed.js'

it('takes along what is data, and of a larger memory only what is seen', () => {
  const large = Float32Array.from({ length: 1000 }, (_, i) => i)
  const value = [
    'a.jpg',
    ndArray('float32', [2], large.subarray(10, 12), 'point'),
    { deep: [1n, true, null, undefined, new Uint8Array([1, 2])] },
  ]
  const made = packed(value)!
  expect(made.value).toEqual(value)
  expect([...made.buffers].map((b) => b.byteLength)).toEqual([8, 2])
  expect(structuredClone(made.value)).toEqual(value)
})

it('hands each memory over once, and makes plain bytes of a buffer', () => {
  const bytes = new Uint8Array(6)
  expect(packed([bytes, { again: bytes }, new Uint8Array(bytes.buffer)])!.buffers.size).toBe(1)
  const buffer = Buffer.from('some of the pool')
  const made = packed(buffer)!
  expect(made.value.constructor).toBe(Uint8Array)
  expect([...made.value]).toEqual([...buffer])
  expect([...made.buffers][0]!.byteLength).toBe(buffer.length)
})

it('leaves shared memory where it is', () => {
  const shared = new Uint8Array(new SharedArrayBuffer(4))
  const made = packed([shared])!
  expect(made.value[0]).toBe(shared)
  expect(made.buffers.size).toBe(0)
})

it('refuses functions, symbols, objects of classes, and what has no end', () => {
  class Point {
    x = 1
  }
  const round: unknown[] = []
  round.push(round)
  for (const value of [() => 1, Symbol('s'), new Point(), new Map(), round]) {
    expect(packed(value)).toBeUndefined()
    expect(packed({ in: [value] })).toBeUndefined()
  }
})

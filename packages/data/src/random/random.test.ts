import { describe, expect, it } from 'vitest'
import { philox } from './philox.js'
import { Random } from './random.js'

const draw = (key: [number, number], counter: number[]) => {
  const out = new Uint32Array(4)
  philox(key[0], key[1], Uint32Array.from(counter), out)
  return [...out].map((w) => w.toString(16).padStart(8, '0'))
}

describe('philox4x32-10', () => {
  // Known answers of the Random123 distribution (kat_vectors).
  it('agrees with the published vectors', () => {
    expect(draw([0, 0], [0, 0, 0, 0])).toEqual(['6627e8d5', 'e169c58d', 'bc57ac4c', '9b00dbd8'])
    const ones = 0xffffffff
    expect(draw([ones, ones], [ones, ones, ones, ones])).toEqual([
      '408f276d',
      '41c83b0e',
      'a20bc7c6',
      '6d5451fd',
    ])
    expect(draw([0xa4093822, 0x299f31d0], [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344])).toEqual([
      'd16cfe09',
      '94fdcceb',
      '5001e420',
      '24126ea1',
    ])
  })
})

describe('Random', () => {
  it('depends only on seed, stream and place', () => {
    const a = new Random(42, 'order', 3)
    new Random(42, 'order', 2).permutation(100)
    const b = new Random(42, 'order', 3)
    expect(a.permutation(50)).toEqual(b.permutation(50))
    expect(new Random(42, 'order', 4).permutation(50)).not.toEqual(new Random(42, 'order', 3).permutation(50))
    expect(new Random(42, 'flip', 3).uint32()).not.toBe(new Random(42, 'order', 3).uint32())
    expect(new Random(43, 'order', 3).uint32()).not.toBe(new Random(42, 'order', 3).uint32())
    expect(new Random(42 + 2 ** 40, 'order', 3).uint32()).not.toBe(new Random(42, 'order', 3).uint32())
  })

  it.each([1, 2, 7, 32_561, 2 ** 31 + 1, 3e9, 2 ** 32])(
    'draws below %d by the remainders of whole runs of words',
    (n) => {
      const [random, words] = [new Random(7, 'below'), new Random(7, 'below')]
      const whole = Math.floor(2 ** 32 / n) * n
      for (let i = 0; i < 10_000; i++) {
        let word = words.uint32()
        while (word >= whole) word = words.uint32()
        expect(random.int(n)).toBe(word % n)
      }
      expect(random.position).toBe(words.position)
    },
  )

  it('has the moments of its distributions', () => {
    const r = new Random(1, 'moments')
    const n = 100_000
    let sum = 0
    let normal = 0
    let square = 0
    const counts = new Array<number>(7).fill(0)
    for (let i = 0; i < n; i++) {
      sum += r.uniform(-1, 3)
      const z = r.normal()
      normal += z
      square += z * z
      counts[r.int(7)]!++
    }
    expect(sum / n).toBeCloseTo(1, 1)
    expect(normal / n).toBeCloseTo(0, 1)
    expect(square / n).toBeCloseTo(1, 1)
    for (const c of counts) expect(Math.abs(c - n / 7)).toBeLessThan(500)
  })

  it('permutes', () => {
    const p = new Random(5, 'p').permutation(1000)
    expect([...p].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i))
    expect(p.filter((v, i) => v === i).length).toBeLessThan(10)
  })

  it('goes on in another place where it stood', () => {
    for (let n = 0; n < 13; n++) {
      const a = new Random(8, 'place', 1, 2)
      for (let i = 0; i < n; i++) a.uint32()
      expect(a.position).toBe(n)
      const b = new Random(8, 'place', 1, 2)
      b.moveTo(n)
      expect(b.position).toBe(n)
      expect(Array.from({ length: 9 }, () => b.uint32())).toEqual(Array.from({ length: 9 }, () => a.uint32()))
    }
  })

  it('refuses a seed that is not an integer', () => {
    expect(() => new Random(0.5, 's')).toThrow(
      'the seed must be an integer, got number 0.5\n  → say seed: 42',
    )
    expect(() => new Random('7' as unknown as number, 's')).toThrow('got string "7"')
    expect(() => new Random(1, 's', 1, 2, 3, 4)).toThrow('at most 3 indices, got 4')
  })
})

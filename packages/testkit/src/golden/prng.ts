import { sizeOf } from '@espalier/data'

/** The generator of the golden schema: mulberry32, restarted for every array. */
export function mulberry32(seed: number): () => number {
  let a = seed | 0
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** How the schema fills a weight. */
export type FillRule = 'w' | 'nw' | 'b' | 'rm' | 'rv'

/** A weight by the formula of the schema: rule, torch's shape, seed of the entry. */
export function fill(rule: FillRule, shape: readonly number[], seed: number): Float32Array {
  const n = sizeOf(shape)
  const random = mulberry32(seed)
  const scale = Math.sqrt(3 / (n / (shape[0] ?? 1)))
  return Float32Array.from({ length: n }, () => {
    const u = random()
    const v = 2 * u - 1
    if (rule === 'w') return v * scale
    if (rule === 'nw') return 1 + 0.1 * v
    return rule === 'rv' ? 1 + 0.2 * u : 0.1 * v
  })
}

import { tf } from '@espalier/core'
import type { NdArray } from '@espalier/data'
import { compare, type GoldenCase } from '@espalier/testkit'

/** One comparison of a case: what was compared, whether it agreed, and by how much it did not. */
export interface Check {
  readonly ok: boolean
  readonly largest: number
  readonly message: string
}

/** Compares numbers in torch's layout with an expected tensor. */
export function checkTensor(golden: GoldenCase, key: string, got: NdArray | tf.Tensor): Check {
  const values = got instanceof tf.Tensor ? got.dataSync() : got.data
  return compare(key, { shape: got.shape, values }, golden.expected(key))
}

/**
 * Compares a plain value or a table, element by element: numbers within the case's tolerance, whole numbers, texts
 * and booleans exactly.
 */
export function checkValue(
  golden: GoldenCase,
  key: string,
  got: unknown,
  want: unknown = golden.json.expected[key],
  tolerance = golden.json.tolerance,
): Check {
  let largest = 0
  const problems: string[] = []
  const visit = (path: string, g: unknown, w: unknown): void => {
    if (typeof w === 'number' && typeof g === 'number') {
      const difference = Math.abs(g - w)
      const exact = Number.isInteger(g) && Number.isInteger(w)
      if (difference > 0) largest = Math.max(largest, difference)
      if (exact ? g !== w : !(difference <= tolerance.atol + tolerance.rtol * Math.abs(w)))
        problems.push(`${path} is ${g}, expected ${w}`)
    } else if (Array.isArray(w) && Array.isArray(g)) {
      if (g.length !== w.length) problems.push(`${path} has ${g.length} entries, expected ${w.length}`)
      else for (const [i, v] of w.entries()) visit(`${path}[${i}]`, g[i], v)
    } else if (isRecord(w) && isRecord(g)) {
      for (const k of new Set([...Object.keys(w), ...Object.keys(g)])) visit(`${path}.${k}`, g[k], w[k])
    } else if (g !== w) problems.push(`${path} is ${JSON.stringify(g)}, expected ${JSON.stringify(w)}`)
  }
  visit(key, got, want)
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''
  return { ok: problems.length === 0, largest, message: `${problems[0] ?? key}${more}` }
}

/**
 * A module as it is printed. Python prints the bounds and shares that it was given as they were written, `1` or `1.0`,
 * which JSON does not tell apart.
 */
export function checkPrinted(golden: GoldenCase, printed: string, want = golden.json.printed): Check[] {
  if (want === undefined) return []
  const plain = (text: string) => text.replace(/\b((?:low|high|p)=-?\d+)\.0\b/g, '$1')
  return [checkValue(golden, 'printed', plain(printed), plain(want))]
}

/** A failing check for every expectation that nothing was computed for. */
export function unmet(golden: GoldenCase, computed: Iterable<string>): Check[] {
  const known = new Set(computed)
  return Object.keys(golden.json.expected)
    .filter((key) => !known.has(key))
    .map((key) => ({ ok: false, largest: 0, message: `the golden runner computes no '${key}'` }))
}

function isRecord(x: unknown): x is Readonly<Record<string, unknown>> {
  return typeof x === 'object' && x !== null && !Array.isArray(x)
}

/** Images and sequences between torch's `[b, c, …]` and ours. */
const toNhwc = (t: tf.Tensor): tf.Tensor => (t.rank > 2 ? tf.transpose(t, movedLast[t.rank]) : t)
export const toNchw = (t: tf.Tensor): tf.Tensor => (t.rank > 2 ? tf.transpose(t, movedFirst[t.rank]) : t)

const movedLast: Readonly<Record<number, number[]>> = { 3: [0, 2, 1], 4: [0, 2, 3, 1] }
const movedFirst: Readonly<Record<number, number[]>> = { 3: [0, 2, 1], 4: [0, 3, 1, 2] }

/** The tensor of an input of a case, images and sequences in our layout. */
export function inputTensor(golden: GoldenCase, name: string): tf.Tensor {
  const { data, shape, dtype } = golden.input(name)
  return tf.tidy(() => toNhwc(tf.tensor(data as Float32Array, [...shape], dtype as 'float32')))
}

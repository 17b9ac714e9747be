import { tf } from '@espalier/core'
import { compare, type Difference, type GoldenCase } from '@espalier/testkit'

/** Compares nested lists of numbers with the tolerance of the case. */
export function compareNumbers(golden: GoldenCase, key: string, got: unknown, want: unknown): Difference {
  const [g, w] = [got, want].map((v) => [v].flat(Number.POSITIVE_INFINITY) as number[])
  return compare(
    key,
    { shape: [g!.length], values: g! },
    { shape: [w!.length], values: w!, ...golden.json.tolerance },
  )
}

/** Compares values that must be the same. */
export function compareExactly(key: string, got: unknown, want: unknown): Difference {
  const ok = JSON.stringify(got) === JSON.stringify(want)
  return {
    ok,
    largest: ok ? 0 : Number.POSITIVE_INFINITY,
    message: ok ? key : `${key} is ${JSON.stringify(got)}, expected ${JSON.stringify(want)}`,
  }
}

/** Runs `f` and disposes of the tensors it makes. */
export function inScope<T>(f: () => T): T {
  const results: T[] = []
  tf.tidy(() => {
    results.push(f())
  })
  return results[0]!
}

/** Images or masks of a case, in our layout. */
export function tensorOf(golden: GoldenCase, name: string): tf.Tensor {
  const { data, shape, dtype } = golden.input(name)
  return tf.tidy(() => {
    const t = tf.tensor(data as Float32Array, [...shape], dtype as 'float32')
    return shape.length === 4 ? tf.transpose(t, [0, 2, 3, 1]) : t
  })
}

/** Compares images in our layout with images in torch's; for masks the case may allow a fraction of other pixels. */
export function compareImages(golden: GoldenCase, key: string, got: tf.Tensor): Difference {
  const t = got.rank === 4 ? tf.transpose(got, [0, 3, 1, 2]) : got
  const values: ArrayLike<number> = t.dataSync()
  const want = golden.expected(key)
  const { max_mismatch_fraction: allowed } = golden.json.expected[key] as { max_mismatch_fraction?: number }
  const difference = compare(key, { shape: t.shape, values }, want)
  if (allowed === undefined || String(t.shape) !== String(want.shape)) return difference
  let other = 0
  for (let i = 0; i < values.length; i++) other += Number(values[i] !== want.values[i]) / values.length
  return {
    ...difference,
    ok: other <= allowed,
    message: `${key}: ${(100 * other).toFixed(3)} % of the pixels differ, ${100 * allowed} % may`,
  }
}

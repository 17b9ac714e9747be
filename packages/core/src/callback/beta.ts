import type { Random } from '@espalier/data'

/** A draw from Beta(α, α): the share of one of two equal gammas. In logarithms, where a small α is no danger. */
export function beta(random: Random, alpha: number): number {
  const [a, b] = [logGamma(random, alpha), logGamma(random, alpha)]
  return 1 / (1 + Math.exp(b - a))
}

/** The logarithm of a draw from Gamma(α, 1) (Marsaglia & Tsang 2000; below 1 by way of α + 1). */
function logGamma(random: Random, alpha: number): number {
  if (alpha < 1) return logGamma(random, alpha + 1) + Math.log(1 - random.uniform()) / alpha
  const d = alpha - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const x = random.normal()
    const v = (1 + c * x) ** 3
    if (v > 0 && Math.log(1 - random.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) {
      return Math.log(d * v)
    }
  }
}

import type { Random } from '@espalier/data'
import { describeNumber, EspalierError } from '@espalier/data'

/** Which of the next tokens may be drawn, and how likely. */
export interface ChooseOptions {
  /** Below 1 likely tokens become likelier still, above 1 all more alike; 0 takes the likeliest. Default 1. */
  readonly temperature?: number
  /** Only the so many likeliest. */
  readonly topK?: number
  /** Only the likeliest that together have this probability. */
  readonly topP?: number
  /** Only tokens of at least this probability. */
  readonly minP?: number
}

/** Draws one token. `logits` are changed: those of tokens that must not come are to be −∞. */
export function chooseToken(logits: Float32Array, random: Random, options: ChooseOptions = {}): number {
  const { temperature = 1, topK, topP, minP } = options
  const best = likeliest(logits)
  if (temperature === 0) return best
  const max = logits[best]!
  const plain = Float64Array.from(logits, (v) => Math.exp(v - max))
  const total = plain.reduce((sum, w) => sum + w, 0)
  let order: readonly number[] = Array.from(plain, (_, i) => i).filter((i) => plain[i]! > 0)
  if (minP !== undefined) order = order.filter((i) => plain[i]! / total >= minP)
  if (topK !== undefined || topP !== undefined) {
    order = [...order].sort((a, b) => plain[b]! - plain[a]! || a - b)
    if (topK !== undefined) order = order.slice(0, topK)
    if (topP !== undefined) order = within(order, plain, topP)
  }
  // Where every token is too unlikely the likeliest one is left.
  if (order.length === 0) return best
  const weights = order.map((i) => Math.exp((logits[i]! - max) / temperature))
  let left = random.uniform() * weights.reduce((sum, w) => sum + w, 0)
  for (const [k, i] of order.entries()) {
    left -= weights[k]!
    if (left < 0) return i
  }
  return order.at(-1)!
}

function likeliest(logits: Float32Array): number {
  let best = 0
  for (let i = 1; i < logits.length; i++) if (logits[i]! > logits[best]!) best = i
  return best
}

/** The first of a falling order that reach a share of its sum. */
function within(order: readonly number[], weights: Float64Array, share: number): readonly number[] {
  const all = order.reduce((sum, i) => sum + weights[i]!, 0)
  let sum = 0
  const end = order.findIndex((i) => {
    sum += weights[i]!
    return sum >= share * all
  })
  return order.slice(0, end + 1)
}

/** Throws where a number is out of its range, by name. */
export function checkChoice(options: ChooseOptions): void {
  const { temperature = 1, topK, topP, minP } = options
  const share = (v: number) => v > 0 && v <= 1
  const rules = [
    ['temperature', temperature, 'at least 0', temperature >= 0 && Number.isFinite(temperature)],
    ['topK', topK, 'a whole number ≥ 1', topK === undefined || (Number.isInteger(topK) && topK >= 1)],
    ['topP', topP, 'above 0 and at most 1', topP === undefined || share(topP)],
    ['minP', minP, 'above 0 and at most 1', minP === undefined || share(minP)],
  ] as const
  for (const [name, value, range, fits] of rules) {
    if (fits) continue
    throw new EspalierError(
      'generate/option',
      `generate: ${name} must be ${range}, got ${describeNumber(value)}`,
      {
        fix: `say ${name}: ${name === 'topK' ? 50 : 0.9}`,
      },
    )
  }
}

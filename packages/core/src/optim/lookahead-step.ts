import { describeNumber, EspalierError } from '@espalier/data'
import * as tf from '../engine/tf.js'
import { own, type Step } from './steps.js'

/** How often the slow weights follow the fast ones, and how far. */
export interface LookaheadOptions {
  /** Steps of the optimizer for one of the slow weights. Default 6. */
  readonly k?: number
  /** How far the slow weights go towards the fast ones. Default 0.5. */
  readonly alpha?: number
}

const lookaheads = new WeakSet<Step>()

/** Whether a step is made by {@link lookaheadStep}. */
export function isLookahead(step: Step | undefined): boolean {
  return step !== undefined && lookaheads.has(step)
}

/**
 * Every k-th step: slow ← slow + alpha·(p − slow), p ← slow (Zhang et al. 2019, https://arxiv.org/abs/1907.08610). The
 * slow weights are a slot of the parameter, which begins as the parameter was; they are in the state like any other.
 * Comes last, after a `stepCount`.
 */
export function lookaheadStep({ k = 6, alpha = 0.5 }: LookaheadOptions = {}): Step {
  check(k, alpha)
  const step = own({
    name: `lookahead(${k}, ${alpha})`,
    slots: [{ name: 'slow', start: (param) => tf.clone(param) }],
    run(s) {
      if (s.count % k !== 0) return
      const slow = s.slots['slow']!
      s.param = s.slots['slow'] = tf.add(slow, tf.mul(tf.sub(s.param, slow), alpha))
    },
  })
  lookaheads.add(step)
  return step
}

function check(k: unknown, alpha: unknown): void {
  const whole = Number.isInteger(k) && Number(k) >= 1
  if (whole && typeof alpha === 'number' && alpha >= 0 && alpha <= 1) return
  throw new EspalierError(
    'optim/option',
    whole
      ? `lookahead: alpha must be a number from 0 to 1, got ${describeNumber(alpha)}`
      : `lookahead: k must be a whole number of steps from 1, got ${describeNumber(k)}`,
    { fix: 'leave it out for the usual value: k: 6, alpha: 0.5' },
  )
}

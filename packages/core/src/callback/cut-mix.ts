import { EspalierError, Random } from '@espalier/data'
import * as tf from '../engine/tf.js'
import type { Callback } from '../learner/callback.js'
import type { BatchState } from '../learner/events.js'
import { beta } from './beta.js'
import { checkOption } from './check-options.js'
import { type Mix, mixTargets } from './mixed-batch.js'

/**
 * Trains on pictures with a box of another picture pasted in, and the same share of their targets; how large the box
 * is, is drawn from Beta(α, α) for a whole batch (Yun et al. 2019, fastai's `CutMix`). Validation sees the pictures
 * as they are.
 *
 * @example
 * await learn.fitOneCycle(10, 1e-3, { cbs: [cutMix()] })
 */
export function cutMix(alpha = 1): Callback {
  checkOption('cutMix', 'alpha', alpha, { above: 0 })
  return {
    name: 'cutMix',
    runValid: false,
    describeRun: () => ({ alpha }),
    beforeBatch(s) {
      const [rows = 0, h = 0, w = 0] = pictures(s).shape
      const random = new Random(s.learn.run.seed, 'cutmix', s.learn.run.step)
      const share = beta(random, alpha)
      const perm = random.permutation(rows)
      cutMixBatch(s, share, perm, [random.int(w), random.int(h)])
    },
  }
}

/**
 * Pastes a box of picture `perm[i]` into each picture i, around `[x, y]`, so that it keeps about `share` of itself.
 * Returns what was done.
 */
export function cutMixBatch(
  s: BatchState,
  share: number,
  perm: readonly number[],
  center: readonly [x: number, y: number],
): Mix {
  const x = pictures(s)
  const [, h = 0, w = 0] = x.shape
  const [x1, x2] = side(w, share, center[0])
  const [y1, y2] = side(h, share, center[1])
  const mask = new Float32Array(h * w)
  for (let i = y1; i < y2; i++) mask.fill(1, i * w + x1, i * w + x2)
  const box = tf.tensor4d(mask, [1, h, w, 1])
  const order = tf.tensor1d([...perm], 'int32')
  const pasted = tf.add(tf.mul(x, tf.sub(1, box)), tf.mul(tf.gather(x, order), box))
  s.x = [pasted, ...s.x.slice(1)]
  const mix = { perm: order, lam: tf.scalar(1 - ((x2 - x1) * (y2 - y1)) / (w * h)) }
  mixTargets('cutMix', s, mix)
  return mix
}

/** Where a box begins and ends along an axis of `n` pixels; what would lie outside is cut off. */
function side(n: number, share: number, center: number): [number, number] {
  const f = Math.fround
  const half = Math.floor(roundEven(f(n * f(Math.sqrt(f(1 - f(share)))))) / 2)
  return [Math.max(0, center - half), Math.min(n, center + half)]
}

/** Rounds to the nearest whole number, halves to the even one, as torch does. */
function roundEven(v: number): number {
  const near = Math.round(v)
  return Math.abs(v % 1) === 0.5 && near % 2 !== 0 ? near - 1 : near
}

function pictures({ x }: BatchState): tf.Tensor4D {
  const [first] = x
  if (first?.rank === 4 && first.dtype === 'float32') return first as tf.Tensor4D
  throw new EspalierError(
    'mix/pictures',
    `cutMix needs pictures [b, h, w, c], the input is ${first ? `${first.dtype} [${first.shape}]` : 'empty'}`,
    { fix: 'use mixUp for other data' },
  )
}

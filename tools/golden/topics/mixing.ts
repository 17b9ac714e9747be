import { type BatchState, tf } from '@espalier/core'
import type { GoldenCase } from '@espalier/testkit'
import { cutMixBatch } from '../../../packages/core/src/callback/cut-mix.js'
import { mixUpBatch } from '../../../packages/core/src/callback/mix-up.js'
import { type Check, checkTensor, checkValue, inputTensor, toNchw, unmet } from '../check.js'
import { lossOf } from './losses.js'

/** A batch mixed with given draws: pictures, shares, targets and the loss in training and in validation. */
export function runMixing(golden: GoldenCase): Check[] {
  let checks: Check[] = []
  tf.tidy(() => {
    checks = mixed(golden)
  })
  return checks
}

function mixed(golden: GoldenCase): Check[] {
  const { config, expected } = golden.json
  const { loss: text, lam_sampled: drawn, perm } = config as unknown as Config
  const { loss } = lossOf(text)
  const [x, y, pred] = ['x', 'y', 'pred'].map((name) => inputTensor(golden, name)) as [
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
  ]
  const s = { x: [x], y: [y], lossFunc: loss } as unknown as BatchState
  const center = expected['cx_cy'] as [number, number] | undefined
  const mix = center ? cutMixBatch(s, drawn[0]!, perm, center) : mixUpBatch(s, drawn, perm)
  const number = (f: typeof loss, targets: readonly tf.Tensor[]) => f(pred, ...targets).dataSync()[0]
  const valid = expected['loss_valid'] === null ? null : number(loss, [y])
  const done = ['x', 'lam', 'stack_y', 'yb', 'yb1', 'loss', 'loss_valid', 'cx_cy', 'loss_func_restored']
  return [
    checkTensor(golden, 'x', toNchw(s.x[0]!)),
    checkValue(golden, 'lam', [...mix.lam.dataSync()]),
    checkValue(golden, 'stack_y', loss.yInt ?? false),
    checkValue(golden, 'yb', s.y[0]!.arraySync()),
    checkValue(golden, 'yb1', tf.gather(y, mix.perm).arraySync()),
    checkValue(golden, 'loss', number(s.lossFunc, s.y)),
    checkValue(golden, 'loss_valid', valid),
    ...unmet(golden, done),
  ]
}

interface Config {
  readonly loss: string
  readonly lam_sampled: readonly number[]
  readonly perm: readonly number[]
}

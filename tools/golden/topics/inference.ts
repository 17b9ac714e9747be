import type { tf } from '@espalier/core'
import type { GoldenCase } from '@espalier/testkit'
import { type Check, checkTensor, checkValue, unmet } from '../check.js'
import { metricOf, tinyLearner } from './tiny-learner.js'

interface Config {
  /** What `validate` measures besides the loss; cases that do not say measure these. */
  readonly metrics?: readonly string[]
  /** Which part is walked. Default 1, the validation set. */
  readonly ds_idx?: 0 | 1
}

const usual = ['accuracy', 'top_k_accuracy (partial k=2)']

/** `validate` and `get_preds` on the tiny model: activations, decoded, targets and losses in the order of the set. */
export async function runGetPreds(golden: GoldenCase): Promise<Check[]> {
  const { expected } = golden.json
  const { metrics = usual, ds_idx: dsIdx = 1 } = golden.json.config as Config
  using learn = await tinyLearner(golden, { metrics: metrics.map(metricOf) })
  const measured = await learn.validate({ dsIdx })
  const options = { dsIdx, withLoss: true, withInput: true } as const
  const { preds, targets, decoded, losses, inputs } = await learn.getPreds(options)
  const raw = await learn.getPreds({ dsIdx, act: (x: tf.Tensor) => x })
  const found = {
    preds,
    raw_preds: raw.preds,
    decoded,
    targs: targets[0]!,
    losses: { dtype: 'float32', shape: [losses.length], data: losses },
    inputs: inputs[0]!,
  } as const
  const asked = Object.entries(found).filter(([key]) => key in expected)
  return [
    ...('validate' in expected ? [checkValue(golden, 'validate', Object.values(measured))] : []),
    ...asked.map(([key, array]) => checkTensor(golden, key, array)),
    ...unmet(golden, ['validate', ...Object.keys(found)]),
  ]
}

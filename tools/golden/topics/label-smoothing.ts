import { labelSmoothingCrossEntropyFlat, type Reduction, tf } from '@espalier/core'
import { compare, type GoldenCase } from '@espalier/testkit'
import { type Check, unmet } from '../check.js'

interface Row {
  readonly cls: 'LabelSmoothingCrossEntropy' | 'LabelSmoothingCrossEntropyFlat'
  readonly eps: number
  readonly reduction?: Reduction
  readonly weight?: readonly number[] | null
  /** Where the classes are; the class without `Flat` has them second. */
  readonly axis?: number
  readonly input?: string
  readonly loss: unknown
}

/** Label smoothing in every form, and what it makes of predictions. */
export function runLabelSmoothing(golden: GoldenCase): Check[] {
  const { rows, activation, decodes } = golden.json.expected as {
    readonly rows: readonly Row[]
    readonly activation?: unknown
    readonly decodes?: unknown
  }
  const checks: Check[] = []
  tf.tidy(() => {
    for (const row of rows) checks.push(checkRow(golden, row))
    const loss = labelSmoothingCrossEntropyFlat()
    const pred = inputOf(golden, 'pred')
    const activated = loss.activation?.(pred) ?? pred
    if (activation) checks.push(checked(golden, 'activation', activated, activation))
    if (decodes) checks.push(checked(golden, 'decodes', loss.decodes?.(pred) ?? pred, decodes))
  })
  return [...checks, ...unmet(golden, ['rows', 'activation', 'decodes'])]
}

function checkRow(golden: GoldenCase, row: Row): Check {
  const { cls, eps, reduction = 'mean', weight, input = 'pred' } = row
  const { axis = cls.endsWith('Flat') ? -1 : 1 } = row
  const loss = labelSmoothingCrossEntropyFlat({ eps, reduction, ...(weight && { weight }) })
  const pred = inputOf(golden, input)
  const at = axis < 0 ? pred.rank + axis : axis
  const others = pred.shape.map((_, i) => i).filter((i) => i !== at)
  const value = loss(tf.transpose(pred, [...others, at]), inputOf(golden, input.replace('pred', 'y')))
  return checked(golden, `${cls} eps ${eps} ${reduction} ${weight ?? ''} ${input}`, value, row.loss)
}

function inputOf(golden: GoldenCase, name: string): tf.Tensor {
  const { data, shape, dtype } = golden.input(name)
  return tf.tensor(data as Float32Array, [...shape], dtype as 'float32')
}

function checked(golden: GoldenCase, what: string, tensor: tf.Tensor, want: unknown): Check {
  const values = [want].flat(Number.POSITIVE_INFINITY).map(Number)
  const got = { shape: [tensor.size], values: tensor.dataSync() }
  return compare(what, got, { shape: [values.length], values, ...golden.json.tolerance })
}

import {
  bceLossFlat,
  bceWithLogitsLossFlat,
  crossEntropyLossFlat,
  diceLoss,
  focalLossFlat,
  type Loss,
  l1LossFlat,
  labelSmoothingCrossEntropyFlat,
  mseLossFlat,
  record,
  tf,
} from '@espalier/core'
import { compare, type GoldenCase } from '@espalier/testkit'
import { type Check, unmet } from '../check.js'
import { bound, type PythonCall, parseCalls } from '../python-call.js'
import { camelCased } from './modules.js'

interface Row {
  readonly loss: string
  readonly pred: string
  readonly targ: string
  readonly value: unknown
  readonly grad?: unknown
  readonly activation?: unknown
  readonly decodes?: unknown
}

/** Value, gradient, activation and decoding of every loss of the case. */
export function runLosses(golden: GoldenCase): Check[] {
  const rows = golden.json.expected['rows'] as readonly Row[]
  const checks: Check[] = []
  tf.tidy(() => {
    for (const row of rows) checks.push(...checkRow(golden, row))
  })
  return [...checks, ...unmet(golden, ['rows'])]
}

function checkRow(golden: GoldenCase, row: Row): Check[] {
  const { name, loss, axis, reduction } = lossOf(row.loss)
  const pred = tensorOf(golden, row.pred)
  const target = tensorOf(golden, row.targ)
  const ours = lastAxis(pred, axis)
  const theirs = target.rank === pred.rank ? lastAxis(target, axis) : target
  const { result, tape } = record(() => {
    const value = loss(ours, theirs)
    return { value, total: tf.sum(value) }
  })
  const grad = tape.backward(result.total, [ours])[0]!
  // fastai's label smoothing activates and decodes along the last axis, wherever the classes are.
  const shown = name.startsWith('LabelSmoothing') ? -1 : axis
  const given = lastAxis(pred, shown)
  const activated = loss.activation?.(given) ?? given
  const decoded = loss.decodes?.(given) ?? given
  const got: readonly (readonly [keyof Row, tf.Tensor])[] = [
    ['value', reduction === 'none' ? inOrder(result.value, target, pred, axis) : result.value],
    ['grad', axisBack(grad, axis)],
    ['activation', axisBack(activated, shown)],
    ['decodes', decoded.rank === pred.rank ? axisBack(decoded, shown) : decoded],
  ]
  return got.flatMap(([key, tensor]) =>
    row[key] === undefined ? [] : [checked(golden, `${row.loss} ${key}`, tensor, row[key])],
  )
}

function checked(golden: GoldenCase, what: string, tensor: tf.Tensor, want: unknown): Check {
  const values = [want].flat(Number.POSITIVE_INFINITY).map(Number)
  const got = { shape: tensor.shape, values: tensor.dataSync() }
  return compare(what, got, { shape: shapeOf(want), values, ...golden.json.tolerance })
}

const shapeOf = (value: unknown): number[] =>
  Array.isArray(value) ? [value.length, ...shapeOf(value[0])] : []

function tensorOf(golden: GoldenCase, name: string): tf.Tensor {
  const { data, shape, dtype } = golden.input(name)
  return tf.tensor(data as Float32Array, [...shape], dtype as 'float32')
}

/** The axis of the classes moved to the end. */
function lastAxis(t: tf.Tensor, axis: number): tf.Tensor {
  const at = axis < 0 ? t.rank + axis : axis
  const others = t.shape.map((_, i) => i).filter((i) => i !== at)
  return tf.transpose(t, [...others, at])
}

/** … and back. */
function axisBack(t: tf.Tensor, axis: number): tf.Tensor {
  const at = axis < 0 ? t.rank + axis : axis
  const order = t.shape.map((_, i) => i).slice(0, -1)
  return tf.transpose(t, [...order.slice(0, at), t.rank - 1, ...order.slice(at)])
}

/** Unreduced losses of places in the order in which fastai lays them out: it exchanges the class axis with the last. */
function inOrder(losses: tf.Tensor, target: tf.Tensor, pred: tf.Tensor, axis: number): tf.Tensor {
  const at = axis < 0 ? pred.rank + axis : axis
  if (losses.size !== target.size || at >= target.rank - 1) return losses
  const order = target.shape.map((_, i) => i)
  ;[order[at], order[target.rank - 1]] = [target.rank - 1, at]
  return tf.reshape(tf.transpose(tf.reshape(losses, target.shape), order), [-1])
}

type Options = Readonly<Record<string, never>>

/** Each loss of fastai's: its arguments, the axis of its classes, and ours. */
const losses: Readonly<Record<string, readonly [string, number, (options: Options) => Loss]>> = {
  CrossEntropyLossFlat: ['weight ignore_index reduction axis', -1, crossEntropyLossFlat],
  LabelSmoothingCrossEntropyFlat: ['eps weight reduction axis', -1, labelSmoothingCrossEntropyFlat],
  LabelSmoothingCrossEntropy: ['eps weight reduction', 1, labelSmoothingCrossEntropyFlat],
  FocalLossFlat: ['gamma weight reduction axis', -1, focalLossFlat],
  FocalLoss: ['gamma weight reduction', 1, focalLossFlat],
  DiceLoss: ['axis smooth reduction square_in_union', 1, diceLoss],
  BCEWithLogitsLossFlat: [
    'weight reduction pos_weight thresh axis flatten floatify',
    -1,
    bceWithLogitsLossFlat,
  ],
  BCELossFlat: ['reduction axis floatify', -1, bceLossFlat],
  MSELossFlat: ['reduction axis floatify', -1, mseLossFlat],
  L1LossFlat: ['reduction axis floatify', -1, l1LossFlat],
}

/** The loss that a row names: `FocalLossFlat(axis=1)`, `DiceLoss({'reduction': 'mean'})`, `… on [bs,seq,C]`. */
export function lossOf(text: string): { name: string; loss: Loss; axis: number; reduction: unknown } {
  const call = withoutDict(parseCalls(text)[0]!)
  const found = losses[call.name]
  if (!found) throw new Error(`the golden runner knows no loss '${text}'`)
  const [signature, classAxis, make] = found
  // How fastai flattens and casts is not seen in its numbers.
  const { axis = classAxis, flatten: _, floatify: __, ...options } = bound(call, signature.split(' '))
  const loss = make(camelCased<Options>(options))
  return { name: call.name, loss, axis: axis as number, reduction: options['reduction'] }
}

/** Arguments in a dictionary as if they were written out. */
function withoutDict(call: PythonCall): PythonCall {
  const [dict] = call.args
  if (typeof dict !== 'string' || !dict.startsWith('{')) return call
  const inside = dict.slice(1, -1).replace(/'(\w+)'\s*:/g, '$1=')
  return parseCalls(`${call.name}(${inside})`)[0]!
}

import {
  checkLoader,
  type DataLoader,
  EspalierError,
  type NdArray,
  ndArray,
  row,
  type TypedArray,
} from '@espalier/data'
import { toArray } from '../engine/tensors.js'
import type { AnyModule } from '../nn/module.js'
import type { Callback } from './callback.js'
import type { PredState } from './events.js'
import type { Learner } from './learner.js'
import { Recorder } from './recorder.js'
import { onePass } from './validate.js'

/** What `getPreds` walks and what it gives back. */
export interface PredsOptions {
  /** Default: the validation set. Always walked in its order. */
  readonly dl?: DataLoader
  /** Also the loss of each item. */
  readonly withLoss?: boolean
}

/** Predictions for every item of a loader, in the order of its data set. */
export interface Predictions {
  /** Activated (probabilities, for a classifier): `[n, …]`. */
  readonly preds: NdArray
  /** What the items really are; empty where the loader has no targets. */
  readonly targets: readonly NdArray[]
  /** Predictions as targets: for a classifier the classes, `[n]`. */
  readonly decoded: NdArray
  readonly losses?: Float32Array
  /** Positions in the data set, and the names of the items there: items that could not be read are missing. */
  readonly indices: readonly number[]
  readonly ids: readonly string[]
}

/** Runs the model over a loader and brings everything back (fastai's `get_preds`). */
export function getPreds(learn: Learner, options: PredsOptions = {}): Promise<Predictions> {
  return learn.usage.hold('a prediction', () => gatherPreds(learn, options))
}

async function gatherPreds(
  learn: Learner,
  { dl = learn.dls.valid, withLoss = false }: PredsOptions,
): Promise<Predictions> {
  checkLoader(dl)
  await learn.prepare()
  const { lossFunc } = learn
  const parts: {
    pred: NdArray
    decoded: NdArray
    targets: NdArray[]
    losses: NdArray | undefined
    indices: readonly number[]
  }[] = []
  const gather: Callback = {
    name: 'gatherPreds',
    afterPred({ pred, y, batch }: PredState) {
      const activated = lossFunc.activation?.(pred) ?? pred
      parts.push({
        pred: toArray(activated),
        decoded: toArray(lossFunc.decodes?.(activated) ?? activated),
        targets: y.map((t) => toArray(t)),
        losses:
          withLoss && y.length > 0 && lossFunc.perItem ? toArray(lossFunc.perItem(pred, ...y)) : undefined,
        indices: batch.indices,
      })
    },
  }
  const ordered = inOrder(dl)
  await learn.with({ recorder: new Recorder([]), cbs: [gather], quiet: true }, () => onePass(learn, ordered))
  const [first] = parts
  if (!first) {
    throw new EspalierError('predict/empty', 'there is nothing to predict: the loader is empty', {
      fix: 'give items: learn.predict(item), or getPreds({ dl: learn.dls.testDl(items) })',
    })
  }
  const indices = parts.flatMap((p) => p.indices)
  const losses = first.losses && (concat(parts.map((p) => p.losses!)).data as Float32Array)
  return {
    preds: concat(parts.map((p) => p.pred)),
    targets: first.targets.map((_, i) => concat(parts.map((p) => p.targets[i]!))),
    decoded: concat(parts.map((p) => p.decoded)),
    ...(losses && { losses }),
    indices,
    ids: indices.map((i) => ordered.dataset.id(i)),
  }
}

/** The prediction for one item, prepared as the validation items are (fastai's `predict`). */
export async function predict<P>(learn: Learner<AnyModule, P>, item: unknown): Promise<P> {
  const [prediction] = await predictBatch(learn, [item])
  return prediction!
}

/** Predictions for a list of items; an item that cannot be read is an error that names it. */
export async function predictBatch<P>(learn: Learner<AnyModule, P>, items: readonly unknown[]): Promise<P[]> {
  const { target } = learn.dls
  if (!target) {
    throw new EspalierError('predict/target', 'these data loaders do not say how to read a prediction', {
      fix: 'use getPreds, which returns the activations',
    })
  }
  const dl = learn.dls.testDl(items)
  const { preds } = await getPreds(learn, { dl }).catch((error) => {
    throwUnreadable(dl)
    throw error
  })
  throwUnreadable(dl)
  checkOutputs(preds, target.vocab)
  return items.map((_, i) => target.read(Float32Array.from(row(preds, i).data)))
}

function throwUnreadable(dl: DataLoader): void {
  const [skipped] = dl.skipped.values()
  if (!skipped) return
  throw new EspalierError('predict/unreadable', `cannot read ${skipped.id}: ${skipped.reason}`, {
    fix: 'give what the model was trained on, such as the path of a picture or the bytes of its file',
  })
}

function checkOutputs({ shape }: NdArray, vocab: readonly string[] | undefined): void {
  if (!vocab || shape.length !== 2 || shape[1] === vocab.length) return
  throw new EspalierError(
    'predict/classes',
    `the model has ${shape[1]} outputs, its vocabulary ${vocab.length} classes`,
    { fix: 'they belong to different data: train or export the model again' },
  )
}

/** A loader as validation walks it; the given one if it is such a loader, which then knows what was left out. */
function inOrder(dl: DataLoader): DataLoader {
  const { shuffle, dropLast, split } = dl.options
  return !shuffle && !dropLast && split === 1 ? dl : dl.with({ shuffle: false, dropLast: false, split: 1 })
}

/** Joins arrays along their first axis. */
function concat(arrays: readonly NdArray[]): NdArray {
  const [first] = arrays
  const n = arrays.reduce((sum, a) => sum + a.shape[0]!, 0)
  const data = new (first!.data.constructor as new (n: number) => TypedArray)(
    arrays.reduce((sum, a) => sum + a.data.length, 0),
  )
  let at = 0
  for (const a of arrays) {
    data.set(a.data, at)
    at += a.data.length
  }
  return ndArray(first!.dtype, [n, ...first!.shape.slice(1)], data as never)
}

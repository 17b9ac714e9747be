import { type Card, type DataLoader, EspalierError, type NdArray, row, type Target } from '@espalier/data'
import { undoneAs } from '../interpret/undone-as.js'
import type { AnyModule } from '../nn/module.js'
import { nothing } from './get-preds.js'
import type { Learner } from './learner.js'
import { predPass } from './pred-pass.js'

/** What `predict` gives besides the prediction. */
export interface PredictOptions {
  /** Also the item as the model saw it, made visible. */
  readonly withInput?: boolean
}

/** A prediction and what it was made from. */
export interface WithInput<P> {
  /** What the model was given, transforms undone as far as they can be: a cell for each input. */
  readonly input: Card
  readonly prediction: P
}

/** What `predict` returns for a prediction type. */
export type Predicted<P, O extends PredictOptions = PredictOptions> = O['withInput'] extends true
  ? WithInput<P>
  : P

/** The prediction for one item, prepared as the validation items are (fastai's `predict`). */
export async function predict<P, const O extends PredictOptions = PredictOptions>(
  learn: Learner<AnyModule, P>,
  item: unknown,
  options?: O,
): Promise<Predicted<P, O>> {
  const [prediction] = await predictBatch(learn, [item], options)
  return prediction!
}

/**
 * Predictions for a list of items, as many at a time as a batch of validation holds; an item that cannot be read is an
 * error that names it.
 */
export function predictBatch<P, const O extends PredictOptions = PredictOptions>(
  learn: Learner<AnyModule, P>,
  items: readonly unknown[],
  { withInput = false }: PredictOptions & O = {} as O,
): Promise<Predicted<P, O>[]> {
  return learn.usage.hold('a prediction', () => predicted(learn, items, withInput), {
    reads: true,
  }) as Promise<Predicted<P, O>[]>
}

async function predicted<P>(
  learn: Learner<AnyModule, P>,
  items: readonly unknown[],
  withInput: boolean,
): Promise<(P | WithInput<P>)[]> {
  const { target } = learn.dls
  if (!target) {
    throw new EspalierError('predict/target', 'these data loaders do not say how to read a prediction', {
      fix: 'use getPreds, which returns the activations',
    })
  }
  const dl = learn.dls.testDl(items)
  const found: (P | WithInput<P>)[] = []
  const kept = { withDecoded: false, withTargs: false }
  const pass = predPass(learn, dl, kept, ({ preds }, batch) => {
    checkOutputs(preds!, target)
    const { kind } = target
    const read = kind === undefined ? preds! : undoneAs(learn.dls, preds!, kind, batch.place)
    const cards = withInput ? learn.dls.cards(batch, batch.indices.length) : []
    for (let i = 0; i < batch.indices.length; i++) {
      const { data, shape } = row(read, i)
      const prediction = target.read(Float32Array.from(data), shape)
      found[batch.indices[i]!] = withInput ? { input: cards[i]!, prediction } : prediction
    }
    return undefined
  })
  await pass.catch((error) => {
    throwUnreadable(dl)
    throw error
  })
  throwUnreadable(dl)
  if (found.length < items.length || items.length === 0) throw nothing()
  return found
}

function throwUnreadable(dl: DataLoader): void {
  const [skipped] = dl.skipped.values()
  if (!skipped) return
  throw new EspalierError('predict/unreadable', `cannot read ${skipped.id}: ${skipped.reason}`, {
    fix: 'give what the model was trained on, such as the path of a picture or the bytes of its file',
  })
}

/** Classes are the last axis: of rows, and of places in the plane of a picture. */
function checkOutputs({ shape }: NdArray, { vocab, kind, c }: Target): void {
  if (kind === 'image' && (shape.length !== 4 || shape[3] !== c)) {
    throw new EspalierError(
      'predict/image',
      `the model gave [${shape.slice(1)}] for an item, not a picture [h, w, ${c}]`,
      { fix: 'its output must have a number for each channel at each pixel: use unetLearner' },
    )
  }
  if (!vocab || ![2, 4].includes(shape.length) || shape.at(-1) === vocab.length) return
  throw new EspalierError(
    'predict/classes',
    `the model has ${shape.at(-1)} outputs, its vocabulary ${vocab.length} classes`,
    { fix: 'they belong to different data: train or export the model again' },
  )
}

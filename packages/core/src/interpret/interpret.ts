import { type CategoryPrediction, type DataLoader, type NdArray, row } from '@espalier/data'
import { nothing } from '../learner/get-preds.js'
import type { Learner } from '../learner/learner.js'
import { type BatchRows, checkKept, type KeptOptions, predPass } from '../learner/pred-pass.js'
import { asOptions, inOrder, loaderOf, type WhichItems } from '../learner/which-items.js'
import type { AnyModule } from '../nn/module.js'
import { ClassificationInterpretation } from './classification-interpretation.js'
import { Interpretation, type Losses } from './interpretation.js'

/** Which items are interpreted, and how predictions are activated. */
export type InterpretOptions = WhichItems & Pick<KeptOptions, 'act'>

/** What looks at predictions of a type: classes can be confused. */
export type InterpretationOf<P> = [P] extends [CategoryPrediction]
  ? ClassificationInterpretation
  : Interpretation<P>

/**
 * Predicts a loader, the validation set unless given another, and looks at what went wrong (fastai's
 * `Interpretation.from_learner`).
 */
export async function interpret<P>(
  learn: Learner<AnyModule, P>,
  given?: DataLoader | InterpretOptions,
): Promise<InterpretationOf<P>> {
  const { act, ...which } = asOptions<InterpretOptions>(given)
  const dl = loaderOf(learn, which)
  const options = act ? { act } : {}
  checkKept(options)
  const vocab = learn.dls.target?.vocab
  const kept = { ...options, withLoss: true }
  const [losses, indices, classes]: [number[], number[], Classes[]] = [[], [], []]
  const walk = () =>
    predPass(learn, inOrder(dl), kept, (rows, batch) => {
      losses.push(...rows.losses!.data)
      indices.push(...batch.indices)
      const [target, second] = rows.targets
      const one = vocab && !second && target!.dtype === 'int32' && target!.shape.length === 1
      if (one) classes.push(...classesOf(rows, target!))
      return undefined
    })
  await learn.usage.hold('an interpretation', walk, { reads: true })
  if (losses.length === 0) throw nothing()
  const order = Array.from(indices.keys()).sort((a, b) => indices[a]! - indices[b]!)
  const results = {
    losses: Float32Array.from(order, (i) => losses[i]!),
    indices: order.map((i) => indices[i]!),
  }
  return made(learn, dl, results, classes.length > 0 ? order.map((i) => classes[i]!) : undefined, options)
}

/** The class of an item and what it was taken for. */
interface Classes {
  readonly actual: number
  readonly predicted: number
  readonly probability: number
}

function classesOf({ preds, decoded }: BatchRows, { data }: NdArray): Classes[] {
  const known = decoded!.dtype === 'int32' && decoded!.shape.length === 1
  return Array.from(data, (actual, i) => {
    const scores = row(preds!, i).data
    const best = (scores as Float32Array).reduce((b, v, c) => (v > scores[b]! ? c : b), 0)
    return { actual, predicted: known ? decoded!.data[i]! : best, probability: scores[best]! }
  })
}

function made<P>(
  learn: Learner<AnyModule, P>,
  dl: DataLoader,
  results: Losses,
  classes: readonly Classes[] | undefined,
  options: Pick<KeptOptions, 'act'>,
): InterpretationOf<P> {
  if (!classes) return new Interpretation(learn, dl, results, options) as unknown as InterpretationOf<P>
  const classified = {
    ...results,
    actual: Int32Array.from(classes, (c) => c.actual),
    predicted: Int32Array.from(classes, (c) => c.predicted),
    probabilities: Float32Array.from(classes, (c) => c.probability),
  }
  const classifier = learn as unknown as Learner<AnyModule, CategoryPrediction>
  return new ClassificationInterpretation(classifier, dl, classified, options) as InterpretationOf<P>
}

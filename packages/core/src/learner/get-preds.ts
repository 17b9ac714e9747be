import { type DataLoader, EspalierError, type NdArray } from '@espalier/data'
import type { Callback } from './callback.js'
import { checkCallbacks } from './check-learner.js'
import { joinRows, listOf, placesOf, type Rows, wholeOf } from './join-rows.js'
import type { Learner } from './learner.js'
import { type BatchRows, checkKept, type KeptOptions, predPass } from './pred-pass.js'
import { inOrder, loaderOf, type WhichItems } from './which-items.js'

/** Which items are predicted, and what is brought back of them. */
export interface PredsOptions extends WhichItems, KeptOptions {
  /** Callbacks for this walk only. */
  readonly cbs?: readonly Callback[]
}

/** What the predictions of some items hold: what the options ask for. */
export type PredsParts<O extends PredsOptions = PredsOptions> = {
  /** What the items really are; empty where the loader has no targets. */
  readonly targets: readonly NdArray[]
  /** Positions in the data set, and the names of the items there: items that could not be read are missing. */
  readonly indices: readonly number[]
  readonly ids: readonly string[]
} & (O['decode'] extends true
  ? unknown
  : {
      /** Activated (probabilities, for a classifier): `[n, …]`. */
      readonly preds: NdArray
    }) &
  (O['withDecoded'] extends false
    ? unknown
    : {
        /** Predictions as targets: for a classifier the classes, `[n]`. */
        readonly decoded: NdArray
      }) &
  (O['withLoss'] extends true
    ? { readonly losses: Float32Array }
    : { /** The loss of each item, if it was asked for. */ readonly losses?: Float32Array }) &
  (O['withInput'] extends true
    ? { readonly inputs: readonly NdArray[] }
    : { /** What the model was given, if it was asked for. */ readonly inputs?: readonly NdArray[] })

/** Item by item, whatever the shapes: what can be joined are views of it. */
export interface PredsRows {
  readonly preds: readonly NdArray[]
  readonly decoded: readonly NdArray[]
  /** A list for each target. */
  readonly targets: readonly (readonly NdArray[])[]
  readonly inputs: readonly (readonly NdArray[])[]
}

/**
 * Predictions for every item of a loader, in the order of its data set. Where items of different batches differ in
 * shape, as texts do, there is no array to give: reading it throws, and `rows` has them one by one.
 */
export type Predictions<O extends PredsOptions = PredsOptions> = PredsParts<O> & { readonly rows: PredsRows }

/**
 * Runs the model over a loader and brings everything back (fastai's `get_preds`). Items come in the order of their
 * data set, whatever the order of the loader, and carry their positions and names.
 */
export function getPreds<const O extends PredsOptions = PredsOptions>(
  learn: Learner,
  options?: O,
): Promise<Predictions<O>> {
  return learn.usage.hold('a prediction', () => gathered(learn, options ?? {}), { reads: true }) as Promise<
    Predictions<O>
  >
}

/** The loader that predictions walk, and what is kept of it, once both are found to be right. */
export function planned(learn: Learner, { dsIdx, dl, ...kept }: PredsOptions) {
  checkKept(kept)
  if (kept.cbs !== undefined) checkCallbacks(kept.cbs)
  const which = { ...(dsIdx !== undefined && { dsIdx }), ...(dl !== undefined && { dl }) }
  return { dl: inOrder(loaderOf(learn, which)), kept }
}

async function gathered(learn: Learner, options: PredsOptions): Promise<Predictions> {
  const { dl, kept } = planned(learn, options)
  const batches: BatchRows[] = []
  const indices: number[] = []
  await predPass(learn, dl, kept, (rows, batch) => {
    batches.push(rows)
    for (const i of batch.indices) indices.push(i)
    return undefined
  })
  return joined(batches, indices, dl)
}

/** The rows of all batches, sorted into the order of their data set. */
export function joined(
  batches: readonly BatchRows[],
  indices: readonly number[],
  dl: DataLoader,
): Predictions {
  const [first] = batches
  if (!first) throw nothing()
  const places = placesOf(indices)
  const join = (of: (b: BatchRows) => NdArray | undefined): Rows | undefined =>
    of(first) &&
    joinRows(
      batches.map((b) => of(b)!),
      places,
    )
  const each = (of: (b: BatchRows) => readonly NdArray[] | undefined): Rows[] | undefined =>
    of(first)?.map((_, i) =>
      joinRows(
        batches.map((b) => of(b)![i]!),
        places,
      ),
    )
  const targets = each((b) => b.targets) ?? []
  const inputs = each((b) => b.inputs)
  const [preds, decoded] = [join((b) => b.preds), join((b) => b.decoded)]
  const losses = join((b) => b.losses)
  const sorted = indices.toSorted((a, b) => a - b)
  const result = { indices: sorted, ids: sorted.map((i) => dl.dataset.id(i)) }
  if (preds) define(result, 'preds', [preds], () => wholeOf(preds, 'the predictions'))
  if (decoded) define(result, 'decoded', [decoded], () => wholeOf(decoded, 'the decoded predictions'))
  if (losses) define(result, 'losses', [], () => wholeOf(losses, 'the losses').data)
  define(result, 'targets', targets, () => targets.map((t) => wholeOf(t, 'the targets')))
  if (inputs) define(result, 'inputs', inputs, () => inputs.map((x) => wholeOf(x, 'the inputs')))
  const list = (rows: Rows | undefined) => (rows ? listOf(rows) : [])
  const rows = (): PredsRows => ({
    preds: list(preds),
    decoded: list(decoded),
    targets: targets.map(list),
    inputs: (inputs ?? []).map(list),
  })
  Object.defineProperty(result, 'rows', { get: rows })
  return result as unknown as Predictions
}

/** A field of the result; where its rows cannot be joined, one that says so when it is read. */
function define(result: object, name: string, rows: readonly Rows[], whole: () => unknown): void {
  const ragged = rows.some((r) => Array.isArray(r))
  Object.defineProperty(result, name, ragged ? { get: whole } : { value: whole(), enumerable: true })
}

/** Nothing was predicted: there was no item, or every batch was cancelled. */
export function nothing(): EspalierError {
  return new EspalierError('predict/empty', 'there is nothing to predict: the loader is empty', {
    fix: 'give items: learn.predict(item), or getPreds({ dl: learn.dls.testDl(items) })',
  })
}

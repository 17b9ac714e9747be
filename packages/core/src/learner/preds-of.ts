import { cancel } from './cancel.js'
import { type PredsOptions, type PredsParts, planned } from './get-preds.js'
import type { Learner } from './learner.js'
import { predPass } from './pred-pass.js'

/** The predictions of one batch. */
export type PredsBatch<O extends PredsOptions = PredsOptions> = PredsParts<O>

/**
 * Predictions a batch at a time, in the order of the loader. At any moment one batch of results is held, and the
 * samples that the loader reads ahead: however many items there are, memory stays the same. With `decode: true` not
 * even one batch of activations leaves the step.
 *
 * The learner is held while the loop runs: what trains waits for its end. What only predicts or measures may be done
 * inside the loop. Leaving the loop (`break`, `return`, an error) gives the learner back.
 *
 * @example
 * for await (const { ids, preds } of learn.predsOf({ dl })) await writeNumpy(`${ids[0]}.npy`, preds)
 */
export async function* predsOf<const O extends PredsOptions = PredsOptions>(
  learn: Learner,
  options?: O,
): AsyncGenerator<PredsBatch<O>, void, undefined> {
  const { dl, kept } = planned(learn, options ?? {})
  const offers = handOver<PredsBatch<O>>()
  const pass = learn.usage.hold(
    'a prediction',
    (pause) =>
      predPass(learn, dl, kept, ({ losses, ...rows }, { indices }) => {
        const ids = indices.map((i) => dl.dataset.id(i))
        const batch = { ...rows, ...(losses && { losses: losses.data }), indices, ids }
        return pause(() => offers.give(batch as PredsBatch<O>)).then((go) =>
          go ? undefined : cancel('validate'),
        )
      }),
    { reads: true },
  )
  const over = pass.then(() => undefined)
  try {
    for (;;) {
      const batch = await Promise.race([offers.next(), over])
      if (!batch) return
      yield batch
    }
  } finally {
    offers.stop()
    await over
  }
}

/** Hands values from one who waits till the next is wanted to one who waits till it comes. */
function handOver<T>() {
  let take: (value: T) => void = () => {}
  let answer: (go: boolean) => void = () => {}
  let stopped = false
  return {
    /** Resolves once another one is wanted, or none any more: false. */
    give(value: T): Promise<boolean> {
      if (stopped) return Promise.resolve(false)
      take(value)
      return new Promise((resolve) => (answer = resolve))
    },
    next(): Promise<T> {
      const coming = new Promise<T>((resolve) => (take = resolve))
      answer(true)
      return coming
    },
    stop(): void {
      stopped = true
      answer(false)
    },
  }
}

import { heldValue } from '../engine/tensors.js'
import * as tf from '../engine/tf.js'
import type { Callback } from '../learner/callback.js'
import type { FitState } from '../learner/events.js'
import type { Learner } from '../learner/learner.js'
import { isTrial } from '../log/is-trial.js'
import { checkOption, checkWord } from './check-options.js'

/** How the weights are averaged, and what a fit leaves behind. */
export interface EmaOptions {
  /** How much of the average a step keeps, once there were enough of them. Default 0.999. */
  readonly decay?: number
  /** The weights after the fit. Default `average`. */
  readonly final?: 'average' | 'trained'
}

/**
 * Keeps a moving average of the weights (Polyak & Juditsky 1992). Validation, and whatever follows it until the next
 * training, sees the averages; training goes on from the weights themselves. After n steps the average keeps at most
 * (1 + n) / (10 + n) of itself, so that it soon forgets where it began. Running statistics are averaged too.
 *
 * @example
 * await learn.fitOneCycle(10, 1e-3, { cbs: [emaWeights({ decay: 0.999 }), saveModel()] }) // saves averages
 */
export function emaWeights({ decay = 0.999, final = 'average' }: EmaOptions = {}): Callback {
  checkOption('emaWeights', 'decay', decay, { from: 0, below: 1 })
  checkWord('emaWeights', 'final', final, ['average', 'trained'])
  let fit: FitState | undefined
  let steps = 0
  let skipped = false
  let averages: Values = new Map()
  /** The weights themselves, while the model has the averages. */
  let trained: Values = new Map()
  const clear = () => {
    for (const t of [...averages.values(), ...trained.values()]) t.dispose()
    averages = new Map()
    trained = new Map()
  }
  /** Gives the model its own weights back. */
  const swapOut = (learn: Learner) => {
    assign(learn, trained)
    for (const t of trained.values()) t.dispose()
    trained = new Map()
  }
  return {
    name: 'emaWeights',
    describeRun: () => ({ decay, final }),
    beforeFit(s) {
      clear()
      steps = 0
      fit = isTrial(s.learn) ? undefined : s
      if (fit) averages = valuesOf(s.learn)
    },
    beforeTrain({ learn }) {
      swapOut(learn)
    },
    afterCancelStep() {
      skipped = true
    },
    afterStep(s) {
      if (s === fit && !skipped) {
        const keep = Math.min(decay, (1 + steps) / (10 + steps))
        steps++
        averages = moved(s.learn, averages, keep)
      }
      skipped = false
    },
    beforeValidate(s) {
      if (s !== fit || trained.size > 0) return
      trained = valuesOf(s.learn)
      assign(s.learn, averages)
    },
    afterFit({ learn }) {
      if (final === 'trained') swapOut(learn)
      else assign(learn, averages)
      clear()
    },
    release() {
      if (fit) swapOut(fit.learn)
      clear()
      fit = undefined
    },
    saveState: () => ({
      data: { steps },
      tensors: Object.fromEntries([
        ...[...averages].map(([path, t]) => [`average ${path}`, t] as const),
        ...[...trained].map(([path, t]) => [`trained ${path}`, t] as const),
      ]),
    }),
    loadState({ data, tensors = {} }) {
      clear()
      steps = (data as { readonly steps: number }).steps
      const named = (kind: string): Values =>
        new Map(
          Object.entries(tensors).flatMap(([name, t]) =>
            name.startsWith(kind) ? [[name.slice(kind.length), tf.keep(tf.clone(t))] as const] : [],
          ),
        )
      averages = named('average ')
      trained = named('trained ')
    },
  }
}

/** Kept tensors by the paths of weights. */
type Values = ReadonlyMap<string, tf.Tensor>

function valuesOf({ model }: Learner): Values {
  const floats = [...model.weights()].filter((w) => w.variable.dtype === 'float32')
  return new Map(floats.map(({ path, variable }) => [path, heldValue(variable)]))
}

function assign({ model }: Learner, values: Values): void {
  for (const { path, variable } of model.weights()) {
    const value = values.get(path)
    if (value) variable.assign(value)
  }
}

/** The averages a step later; those before are disposed. */
function moved({ model }: Learner, averages: Values, keep: number): Values {
  return new Map(
    [...model.weights()].flatMap(({ path, variable }) => {
      const before = averages.get(path)
      if (!before) return []
      const after = tf.tidy(() => tf.keep(tf.add(before, tf.mul(tf.sub(variable, before), 1 - keep))))
      before.dispose()
      return [[path, after] as const]
    }),
  )
}

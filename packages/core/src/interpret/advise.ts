import { EspalierError, listed } from '@espalier/data'
import { type RunFacts, type Step, stepsFor } from './next-steps.js'
import { type Course, type Curves, type Evidence, type FitState, verdictOf } from './verdict.js'

/** Where a run stands and what to do next; as a text it is its `text`. */
export interface Advice {
  readonly state: FitState
  readonly evidence: Evidence
  /** The evidence in words. */
  readonly why: string
  /** The first thing to try that the run does not have yet. */
  readonly next: Step
  /** Everything that helps in this state, in the order of trying; what is done is marked so. */
  readonly steps: readonly Step[]
  /** All of it, to be printed. */
  readonly text: string
}

/**
 * Says from the curves of a run where it stands, and what the book would do next: let it learn until it over-fits, then
 * more data, augmentation, a generalisable architecture, regularisation, and only then a smaller model. What the run has
 * already is not advised again.
 *
 * @example
 * const { state, next } = advise(learn.recorder.fits.at(-1)!, { augmentation: true })
 */
export function advise(curves: Curves, facts: RunFacts = {}): Advice {
  const { monitor, validItems } = facts
  checkMonitor(monitor, curves.columns)
  const { state, evidence } = verdictOf(curves, { monitor, validItems })
  const steps = stepsFor(state, facts, evidence)
  const next = steps.find((s) => !s.done) ?? steps.at(-1)!
  const why = reasonFor(state, evidence)
  const code = next.code.replaceAll('\n', '\n    ')
  return {
    state,
    evidence,
    why,
    next,
    steps,
    text: `${state}: ${why}\n→ ${next.name}: ${next.text}\n    ${code}`,
  }
}

function reasonFor(state: FitState, { epochs, train, validLoss, metric }: Evidence): string {
  const worse = ({ name, best, bestEpoch, last }: Course) =>
    `${name} was best in epoch ${bestEpoch} (${short(best)}) and got worse since (${short(last)})`
  const still = ({ name, last, best }: Course) => `${name} stays at ${short(last)} (best ${short(best)})`
  switch (state) {
    case 'not begun':
      return 'there are no curves'
    case 'diverged':
      return train
        ? `the training loss went from ${short(train.first)} to ${short(train.last)}`
        : 'the loss is no number'
    case 'not validated':
      return 'there is no validation loss'
    case 'too few epochs':
      return `${epochs} ${epochs === 1 ? 'epoch shows' : 'epochs show'} no trend`
    case 'over-fitting':
      return worse((metric ?? validLoss)!)
    case 'over-confident':
      return `${worse(validLoss!)}, while ${still(metric!)}`
    case 'just right':
      return still((metric ?? validLoss)!)
    case 'under-fitting': {
      const better = [metric, validLoss].find((course) => course?.improving)
      if (better) return `${better.name} still gets better: ${short(better.first)} … ${short(better.last)}`
      return `the training loss only fell from ${short(train!.first)} to ${short(train!.last)}`
    }
  }
}

function checkMonitor(monitor: string | undefined, columns: readonly string[]): void {
  if (monitor === undefined || columns.length === 0 || columns.includes(monitor)) return
  throw new EspalierError('advise/monitor', `advise: there is no column '${monitor}'`, {
    fix: `monitor one of ${listed(columns)}`,
  })
}

const short = (v: number): string => String(Number(v.toPrecision(3)))

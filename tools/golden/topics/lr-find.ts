import { minimum, type SuggestFunc, slide, stateDict, steep, valley } from '@espalier/core'
import { compare, type GoldenCase } from '@espalier/testkit'
import { type Check, checkValue, unmet } from '../check.js'
import { bound, parseCalls } from '../python-call.js'
import { tinyLearner } from './tiny-learner.js'

const suggesters: Readonly<Record<string, SuggestFunc>> = { valley, slide: slide(), minimum, steep }

interface Args {
  readonly start_lr?: number
  readonly end_lr?: number
  readonly num_it?: number
  readonly stop_div?: boolean
}

interface Wanted {
  readonly lrs: readonly number[]
  /** `null` where it was not a number. */
  readonly losses: readonly (number | null)[]
  readonly suggestions?: Readonly<Record<string, number>>
  readonly weights_restored: boolean
  readonly n_epochs_run?: number
}

/** Suggestions on recorded curves where there are rows, else a whole trial. */
export function runLrFinds(golden: GoldenCase): Check[] | Promise<Check[]> {
  return 'rows' in golden.json.expected ? runSuggestions(golden) : runTrial(golden)
}

/** A whole trial: rates, the first 70 losses, suggestions at most one step off, nothing changed. */
async function runTrial(golden: GoldenCase): Promise<Check[]> {
  const args = bound({ name: 'lr_find', args: [], kwargs: argsOf(golden) as never }, [
    'start_lr',
    'end_lr',
    'num_it',
    'stop_div',
  ]) as Args
  const { start_lr: startLr = 1e-7, end_lr: endLr = 10, num_it: numIt = 100, stop_div: stopDiv = true } = args
  const want = golden.json.expected as unknown as Wanted
  using learn = await tinyLearner(golden)
  const before = stateDict(learn.model)
  const found = await learn.lrFind({ startLr, endLr, numIt, stopDiv, suggest: suggesters })
  const after = stateDict(learn.model)
  const restored = [...before].every(([k, w]) =>
    Buffer.from(w.data.buffer).equals(Buffer.from(after.get(k)!.data.buffer)),
  )
  const n = Math.min(found.lrs.length, want.lrs.length)
  const steady = Math.min(n, 70)
  return [
    checkValue(golden, 'lrs', found.lrs.slice(0, n), want.lrs.slice(0, n)),
    checkLosses(golden, found.losses.slice(0, steady), want.losses.slice(0, steady)),
    ...Object.entries(want.suggestions ?? {}).map(([name, lr]) =>
      near(name, found[name]!, lr, (endLr / startLr) ** (1 / numIt)),
    ),
    checkValue(golden, 'weights_restored', restored),
    ...checkEpochs(golden, found.lrs.length, learn.dls.train.length),
    ...unmet(golden, ['lrs', 'losses', 'suggestions', 'weights_restored', 'n_epochs_run']),
  ]
}

/** Losses by the tolerance of the case, also the large ones that happen to be whole. */
function checkLosses(golden: GoldenCase, got: readonly number[], want: Wanted['losses']): Check {
  const shape = [want.length]
  const values = want.map((v) => v ?? Number.NaN)
  const finite = got.map((v) => (Number.isFinite(v) ? v : Number.NaN))
  return compare('losses', { shape, values: finite }, { shape, values, ...golden.json.tolerance })
}

/** The arguments of the trial, in `config.args` or written out in `config.call`. */
function argsOf(golden: GoldenCase): Readonly<Record<string, unknown>> {
  const { args, call } = golden.json.config as { args?: Record<string, unknown>; call?: string }
  return args ?? (call === undefined ? {} : bound(parseCalls(call)[0]!, ['start_lr', 'end_lr', 'num_it']))
}

function near(name: string, got: number, want: number, oneStep: number): Check {
  const factor = Math.max(got / want, want / got)
  return {
    ok: factor <= oneStep * 1.001,
    largest: Math.abs(got - want),
    message: `suggestion ${name} is ${got}, expected ${want}`,
  }
}

/** Whole epochs before the last step. Losses drift late: one epoch more or less is as good. */
function checkEpochs(golden: GoldenCase, steps: number, perEpoch: number): Check[] {
  const want = (golden.json.expected as unknown as Wanted).n_epochs_run
  if (want === undefined) return []
  const got = Math.floor((steps - 1) / perEpoch)
  const largest = Math.abs(got - want)
  return [{ ok: largest <= 1, largest, message: `n_epochs_run is ${got}, expected ${want}` }]
}

/** The suggestions on recorded curves. */
function runSuggestions(golden: GoldenCase): Check[] {
  const lrs = [...golden.input('lrs').data]
  const rows = golden.json.expected['rows'] as ({ losses: number[] } & Record<
    string,
    { suggestion: number; point: [number, number] }
  >)[]
  return rows.flatMap(({ losses, ...wanted }, i) =>
    Object.entries(wanted).map(([name, want]) => {
      const suggest = suggesters[name]
      if (!suggest) throw new Error(`the golden runner knows no suggestion '${name}'`)
      const { lr, point } = suggest(lrs, losses as unknown as number[])
      return checkValue(golden, `row ${i} ${name}`, { suggestion: lr, point: [point.lr, point.loss] }, want)
    }),
  )
}

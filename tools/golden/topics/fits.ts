import { type Callback, type HyperValue, stateDict, type Written } from '@espalier/core'
import { ndArray } from '@espalier/data'
import type { GoldenCase } from '@espalier/testkit'
import { type Check, checkTensor, checkValue, unmet } from '../check.js'
import { bound, type PythonCall, type PythonValue, parseCalls } from '../python-call.js'
import { callbacksOf } from './callback-names.js'
import { freezes } from './freezing.js'
import { camelCased } from './modules.js'
import { hyperOf } from './optimizers.js'
import { metricOf, type TinyLearner, tinyLearner } from './tiny-learner.js'

/** What a case records of every training step. */
interface Steps {
  lr: number[][]
  mom: number[][]
  wd: number[][]
  loss: number[]
  smooth_loss: number[]
  frozen_idx: number[]
  pct_train_after: number[]
}

/** Runs the fits of `config.call`, with some callbacks, and compares every step, every table and every weight. */
export async function runFits(golden: GoldenCase, cbs: readonly Callback[] = []): Promise<Check[]> {
  const { expected, config } = golden.json
  const tables = expected['recorder'] as { metric_names: string[]; values: number[][] }[]
  const names = (config['metrics'] as string[] | undefined) ?? tables[0]!.metric_names.slice(3)
  const steps: Steps = {
    lr: [],
    mom: [],
    wd: [],
    loss: [],
    smooth_loss: [],
    frozen_idx: [],
    pct_train_after: [],
  }
  const rows: { metric_names: string[]; values: (number | undefined)[][] }[] = []
  using learn = await tinyLearner(golden, { metrics: names.map(metricOf), cbs: [...cbs, watch(steps)] })
  const initial = stateDict(learn.model)
  for (const call of parseCalls(config['call'] as string)) {
    await perform(learn, call)
    if (!/^fi(t|ne)/.test(call.name)) continue
    rows.push({
      metric_names: ['epoch', ...learn.recorder.columns],
      // fastai has no numbers for what was passed over or cancelled.
      values: learn.recorder.values.map((r) => r.filter((v) => v !== undefined)),
    })
  }
  const { loss, smooth_loss, ...exact } = steps
  const want = expected['steps'] as Steps
  const [weightKeys, weights] = checkWeights(golden, initial, stateDict(learn.model))
  return [
    ...Object.entries(exact).map(([k, v]) =>
      checkValue(golden, `steps.${k}`, v, want[k as keyof Steps], { rtol: 1e-6, atol: 1e-12 }),
    ),
    checkValue(golden, 'steps.loss', loss, want.loss),
    checkValue(golden, 'loss_f64', loss),
    checkValue(golden, 'steps.smooth_loss', smooth_loss, want.smooth_loss),
    checkValue(golden, 'recorder', rows),
    ...weights,
    ...unmet(golden, ['steps', 'loss_f64', 'recorder', ...weightKeys]),
  ]
}

type Weights = ReadonlyMap<string, Written>

/** What `delta.…` and `final.…` expect of the weights. */
function checkWeights(golden: GoldenCase, initial: Weights, final: Weights): [keys: string[], Check[]] {
  const keys = Object.keys(golden.json.expected).filter((key) => /^(delta|final)\./.test(key))
  const checks = keys.map((key) => {
    const name = key.slice('delta.'.length)
    const before = key.startsWith('delta.') ? initial.get(name) : undefined
    return checkTensor(golden, key, difference(final.get(name)!, before))
  })
  return [keys, checks]
}

function difference(after: Written, before?: Written) {
  const data = Float32Array.from(
    after.data as Float32Array,
    (v, i) => v - ((before?.data[i] as number | undefined) ?? 0),
  )
  return ndArray('float32', after.shape, data)
}

/** Writes down what each training step used and gave. */
function watch(steps: Steps): Callback {
  return {
    name: 'watch',
    order: 65,
    runValid: false,
    afterBatch({ learn, loss, pctTrain }) {
      for (const name of ['lr', 'mom', 'wd'] as const) steps[name].push(learn.opt.hypers.map((h) => h[name]!))
      steps.frozen_idx.push(learn.opt.frozenIdx)
      steps.loss.push(loss!)
      steps.smooth_loss.push(learn.recorder.smoothLoss)
      steps.pct_train_after.push(pctTrain)
    },
  }
}

const cycle = ['div', 'div_final', 'pct_start', 'wd', 'moms', 'cbs', 'reset_opt', 'start_epoch']
/** The arguments of fastai's fits, in order. */
const signatures: Readonly<Record<string, readonly string[]>> = {
  fit: ['n_epoch', 'lr', 'wd', 'cbs', 'reset_opt', 'start_epoch'],
  fit_one_cycle: ['n_epoch', 'lr_max', ...cycle],
  fit_flat_cos: ['n_epoch', 'lr', 'div_final', 'pct_start', 'wd', 'cbs', 'reset_opt', 'start_epoch'],
  fit_sgdr: ['n_cycles', 'cycle_len', 'lr_max', 'cycle_mult', 'cbs', 'reset_opt', 'wd', 'start_epoch'],
  fine_tune: ['epochs', 'base_lr', 'freeze_epochs', 'lr_mult', 'pct_start', 'div', ...cycle],
}

/** One call of `config.call` on a learner. */
export async function perform(learn: TinyLearner, call: PythonCall): Promise<void> {
  if (freezes(learn, call)) return
  const signature = signatures[call.name]
  if (!signature) throw new Error(`the golden runner knows no call '${call.name}'`)
  const args: Record<string, PythonValue> = bound(call, signature)
  const { n_epoch, epochs, n_cycles, cycle_len, lr, lr_max, base_lr, wd, cbs, ...rest } = args
  const options = {
    ...camelCased(rest),
    ...(wd !== undefined && { wd: hyperOf(wd) }),
    ...(cbs !== undefined && { cbs: callbacksOf(cbs) }),
  }
  const hyper = (v: PythonValue | undefined): HyperValue | undefined => (v === undefined ? v : hyperOf(v))
  const fits: Readonly<Record<string, () => Promise<void>>> = {
    fit: () => learn.fit(n_epoch as number, hyper(lr), options),
    fit_one_cycle: () => learn.fitOneCycle(n_epoch as number, hyper(lr_max), options),
    fit_flat_cos: () => learn.fitFlatCos(n_epoch as number, hyper(lr), options),
    fit_sgdr: () => learn.fitSgdr(n_cycles as number, cycle_len as number, hyper(lr_max), options),
    fine_tune: () => learn.fineTune(epochs as number, hyper(base_lr), options),
  }
  await fits[call.name]!()
}

import { type Callback, cancel, type Metric, setPlatform } from '@espalier/core'
import type { GoldenCase } from '@espalier/testkit'
import { type Check, checkValue, unmet } from '../check.js'
import { callbackOf } from './callback-names.js'
import { eventLearner } from './event-learner.js'
import { runFits } from './fits.js'

/** The callbacks whose options are those of a case. */
const ofCase: Readonly<Record<string, readonly [cls: string, options: readonly string[]]>> = {
  gradient_accumulation: ['GradientAccumulation', ['n_acc']],
  gradient_clip: ['GradientClip', ['max_norm', 'norm_type']],
  short_epoch: ['ShortEpochCallback', ['pct', 'short_valid']],
}

/** A fit with a callback. */
export function runCallback(golden: GoldenCase): Promise<Check[]> {
  const { config, case: name } = golden.json
  const [cls, options] = ofCase[name] ?? [undefined, []]
  const args = Object.fromEntries(options.flatMap((o) => (o in config ? [[o, config[o]]] : [])))
  const cb = cls && callbackOf(cls, args)
  return runFits(golden, cb ? [cb] : [])
}

const camel = (event: string) => event.replace(/_(\w)/g, (_, c: string) => c.toUpperCase())
const snake = (event: string) => event.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)

/** fastai's events, but for the one of the constructor. */
const events = [
  'before_fit',
  'before_epoch',
  'before_train',
  'before_batch',
  'after_pred',
  'after_loss',
  'before_backward',
  'after_cancel_backward',
  'after_backward',
  'before_step',
  'after_cancel_step',
  'after_step',
  'after_cancel_batch',
  'after_batch',
  'after_cancel_train',
  'after_train',
  'before_validate',
  'after_cancel_validate',
  'after_validate',
  'after_cancel_epoch',
  'after_epoch',
  'after_cancel_fit',
  'after_fit',
].map(camel)

interface Heard {
  readonly training: boolean
  readonly epoch: number
  readonly iter: number
}

/** A callback that hears everything. */
function listener(hear: (event: string, s: Heard) => void, more: Partial<Callback> = {}): Callback {
  const handlers = events.map((event) => [event, (s: Heard) => hear(event, s)])
  return { name: 'listener', ...Object.fromEntries(handlers), ...more }
}

/** What callbacks hear that sit out validation, or training. */
export async function runSittingOut(golden: GoldenCase): Promise<Check[]> {
  const { train_batches: nTrain, valid_batches: nValid } = golden.json.config as Record<string, number>
  const heard = async (flags: Partial<Callback>) => {
    const log: string[] = []
    using learn = await eventLearner(nTrain!, nValid!, { cbs: [listener((e) => log.push(snake(e)), flags)] })
    await learn.fit(1)
    return log
  }
  return [
    checkValue(golden, 'run_valid_false', await heard({ runValid: false })),
    checkValue(golden, 'run_train_false', await heard({ runTrain: false })),
    ...unmet(golden, ['run_valid_false', 'run_train_false']),
  ]
}

interface CancelRow {
  readonly exception: string
  readonly raised_in: string
  /** `train epoch 0 iter 1`, `epoch 1`, `valid epoch 0`. */
  readonly when: string
  readonly log: readonly string[]
}

/** What is heard when another callback cancels a part. */
export async function runCancels(golden: GoldenCase): Promise<Check[]> {
  const config = golden.json.config as Record<string, number>
  const { epochs, train_batches: nTrain, valid_batches: nValid } = config
  const checks: Check[] = []
  for (const row of golden.json.expected['rows'] as unknown as CancelRow[]) {
    const part = row.exception.replace(/^Cancel(\w+)Exception$/, '$1').toLowerCase()
    const when = /^(?:(train|valid) ?)?(?:epoch (\d+))?(?: iter (\d+))?$/.exec(row.when)
    if (!when) throw new Error(`the golden runner knows no time '${row.when}'`)
    const [, mode, epoch, iter] = when
    const canceller = listener(
      (event, s) => {
        const here =
          event === camel(row.raised_in) &&
          (epoch === undefined || s.epoch === Number(epoch)) &&
          (mode === undefined || s.training === (mode === 'train')) &&
          (iter === undefined || s.iter === Number(iter))
        if (here) cancel((part === 'valid' ? 'validate' : part) as Parameters<typeof cancel>[0])
      },
      { name: 'canceller', order: 70 },
    )
    const log: string[] = []
    const cbs = [listener((event) => log.push(snake(event)), { order: -100 }), canceller]
    using learn = await eventLearner(nTrain!, nValid!, { cbs })
    await learn.fit(epochs!)
    checks.push(checkValue(golden, `${row.exception} in ${row.raised_in}, ${row.when}`, log, row.log))
  }
  return [...checks, ...unmet(golden, ['rows'])]
}

interface OrderRow {
  readonly cls: string
  readonly order: number
  readonly run_train: boolean
  readonly run_valid: boolean
  readonly name: string
}

/** What does here without a callback what fastai has one for. */
const without: Readonly<Record<string, string>> = {
  GatherPredsCallback: 'getPreds',
  FetchPredsCallback: 'getPreds',
  CastToTensor: 'batches of plain tensors',
  MixedPrecision: 'not there yet',
  ShowGraphCallback: 'not there yet',
}

/** Order, flags and name of every callback. */
export async function runOrders(golden: GoldenCase): Promise<Check[]> {
  const rows = golden.json.expected['rows'] as unknown as OrderRow[]
  const defaults = golden.json.expected['default_callbacks'] as string[]
  using learn = await eventLearner(8, 1)
  const trying: Callback[] = []
  const peek: Callback = { name: 'peek', beforeFit: () => void trying.push(...learn.orderedCbs()) }
  await learn.with({ cbs: [peek] }, () => learn.lrFind({ numIt: 20 }))
  const named = (name: string) => [...learn.orderedCbs(), ...trying].find((cb) => cb.name === name)
  const checks: Check[] = []
  for (const row of rows) {
    const cb = callbackOf(row.cls) ?? named(camel(row.name))
    if (!cb && without[row.cls]) continue
    const { order = 0, runTrain = true, runValid = true, name = '' } = cb ?? {}
    const got = { order, run_train: runTrain, run_valid: runValid, name: name.toLowerCase() }
    const { cls, ...wanted } = { ...row, name: camel(row.name).toLowerCase() }
    checks.push(checkValue(golden, cls, got, wanted))
  }
  const left = rows.filter((r) => without[r.cls]).map((r) => `${r.cls} (${without[r.cls]})`)
  if (left.length > 0) console.log(`callback_orders: nothing to compare with ${left.join(', ')}`)
  const built = defaults.filter((cls) => !without[cls])
  const order = rows.filter((r) => built.includes(r.cls)).map((r) => camel(r.name))
  using verbose = await eventLearner(1, 1, { verbose: true })
  const there = verbose.orderedCbs().map((cb) => cb.name)
  checks.push(
    checkValue(
      golden,
      'default_callbacks',
      order.filter((name) => there.includes(name)),
      order,
    ),
  )
  return [...checks, ...unmet(golden, ['rows', 'default_callbacks'])]
}

interface TrackerRow {
  readonly callback: string
  readonly args: Readonly<Record<string, unknown>> & { readonly monitor: string }
  /** What is measured, epoch by epoch. */
  readonly values: readonly number[]
  readonly epochs_run: number
  readonly best: number
  readonly saved_epochs: readonly number[] | null
  readonly lr_after_epoch_before_callback: readonly number[] | null
  readonly final_lr: number
  readonly printed: readonly string[]
}

/** Trackers on scripted numbers. */
export async function runTrackers(golden: GoldenCase): Promise<Check[]> {
  const { lr } = golden.json.config as { lr: number }
  const checks: Check[] = []
  for (const [i, row] of (golden.json.expected['rows'] as unknown as TrackerRow[]).entries()) {
    const { args, values, callback, ...wanted } = row
    const got = await tracked(row, lr)
    const printed = got.printed.map(numbersOf)
    checks.push(
      checkValue(
        golden,
        `rows[${i}] ${callback}`,
        { ...got, printed },
        { ...wanted, printed: wanted.printed.map(numbersOf) },
      ),
    )
  }
  return [...checks, ...unmet(golden, ['rows'])]
}

/** A line and its numbers, which Python writes in another way. */
function numbersOf(line: string): unknown[] {
  const number = /-?\d+(?:\.\d+)?(?:e-?\d+)?/g
  return [line.trim().replace(number, '#'), ...(line.match(number) ?? []).map(Number)]
}

/** What a tracker did in a fit. */
async function tracked({ callback, args, values, ...row }: TrackerRow, lr: number) {
  let epoch = -1
  const score: Metric = {
    name: args.monitor,
    reset() {},
    accumulate() {},
    value: () => values[epoch],
  }
  const printed: string[] = []
  const saved: number[] = []
  const rates: number[] = []
  const rate = () => learn.opt.hypers.at(-1)?.['lr'] ?? 0
  const isSaving = callback === 'SaveModelCallback'
  const cb = callbackOf(callback, isSaving ? { ...args, fname: 'best' } : args) as Callback & { best: number }
  const watch: Callback = {
    name: 'watch',
    order: 59,
    beforeEpoch(s) {
      epoch = s.epoch
    },
    afterEpoch: () => void rates.push(rate()),
  }
  using learn = await eventLearner(1, 1, { cbs: [watch, cb], metrics: [score], verbose: true })
  const files = new Map<string, Uint8Array>()
  const before = setPlatform(undefined)
  setPlatform({
    ...before!,
    write: (text) => void printed.push(text.trimEnd()),
    async writeFileAtomic(path, bytes) {
      saved.push(epoch)
      files.set(path, bytes)
    },
    readFile: async (path) => files.get(path) ?? before!.readFile(path),
  })
  try {
    await learn.with({ quiet: true }, () => learn.fit(values.length, lr))
  } finally {
    setPlatform(before)
  }
  return {
    epochs_run: rates.length,
    best: cb.best,
    saved_epochs: isSaving ? saved : null,
    lr_after_epoch_before_callback: row.lr_after_epoch_before_callback === null ? null : rates,
    final_lr: rate(),
    printed,
  }
}

import {
  bnFreeze,
  type Callback,
  csvLogger,
  cutMix,
  earlyStopping,
  gradientAccumulation,
  gradientClip,
  mixUp,
  modelResetter,
  paramScheduler,
  progress,
  reduceLROnPlateau,
  saveModel,
  schedNo,
  shortEpoch,
  terminateOnNaN,
  trackerCallback,
} from '@espalier/core'
import { rnnCallback, rnnRegularizer } from '@espalier/text'
import { bound, type PythonValue, parseCalls } from '../python-call.js'
import { camelCased } from './modules.js'

type Args = Readonly<Record<string, unknown>>
interface Known {
  /** The names of fastai's arguments, in order. */
  readonly args: readonly string[]
  make(args: Args): Callback
}

const tracker = ['monitor', 'comp', 'min_delta']
const known: Readonly<Record<string, Known>> = {
  BnFreeze: { args: [], make: bnFreeze },
  CSVLogger: { args: ['fname', 'append'], make: (a) => csvLogger(camelCased(a)) },
  CutMix: { args: ['alpha'], make: (a) => cutMix(...given<[number]>(a, ['alpha'])) },
  EarlyStoppingCallback: {
    args: [...tracker, 'patience', 'reset_on_fit'],
    make: (a) => earlyStopping(camelCased(a)),
  },
  GradientAccumulation: {
    args: ['n_acc'],
    make: (a) => gradientAccumulation(...given<[number]>(a, ['n_acc'])),
  },
  GradientClip: {
    args: ['max_norm', 'norm_type'],
    make: (a) => gradientClip(...given<[number, number]>(a, ['max_norm', 'norm_type'])),
  },
  MixUp: { args: ['alpha'], make: (a) => mixUp(...given<[number]>(a, ['alpha'])) },
  ModelResetter: { args: [], make: modelResetter },
  ParamScheduler: { args: [], make: () => paramScheduler({ lr: schedNo(1, 1) }) },
  ProgressCallback: { args: [], make: () => progress() },
  ReduceLROnPlateau: {
    args: [...tracker, 'patience', 'factor', 'min_lr', 'reset_on_fit'],
    make: (a) => reduceLROnPlateau(camelCased(a)),
  },
  RNNCallback: { args: [], make: rnnCallback },
  RNNRegularizer: { args: ['alpha', 'beta'], make: (a) => rnnRegularizer(camelCased(a)) },
  SaveModelCallback: {
    args: [...tracker, 'fname', 'every_epoch', 'at_end', 'with_opt', 'reset_on_fit'],
    make: (a) => saveModel(camelCased(a)),
  },
  ShortEpochCallback: {
    args: ['pct', 'short_valid'],
    make: ({ pct, ...rest }) => shortEpoch(pct as number | undefined, camelCased(rest)),
  },
  TerminateOnNaNCallback: { args: [], make: terminateOnNaN },
  TrackerCallback: { args: [...tracker, 'reset_on_fit'], make: (a) => trackerCallback(camelCased(a)) },
}

/** A list of arguments in order; those that are not given are left out. */
function given<T extends unknown[]>(args: Args, names: readonly string[]): Partial<T> {
  return names.map((name) => args[name]) as Partial<T>
}

/** The callback that fastai calls so; undefined where there is none of ours. */
export function callbackOf(name: string, args: Args = {}): Callback | undefined {
  const entry = known[name]
  if (!entry) return undefined
  const odd = Object.keys(args).find((key) => !entry.args.includes(key))
  if (odd) throw new Error(`the golden runner knows no '${odd}' of ${name}`)
  return entry.make(args)
}

/** The callbacks of a call's `cbs`: `BnFreeze`, `[BnFreeze, GradientClip(0.5)]`. */
export function callbacksOf(value: PythonValue): Callback[] {
  return [value].flat().map((text) => {
    const call = parseCalls(String(text))[0]!
    const cb = callbackOf(call.name, bound(call, known[call.name]?.args ?? []))
    if (!cb) throw new Error(`the golden runner knows no callback '${text}'`)
    return cb
  })
}

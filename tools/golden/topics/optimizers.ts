import {
  adam,
  type HyperValue,
  lamb,
  larc,
  type OptFunc,
  type Optimizer,
  qhadam,
  radam,
  ranger,
  rmsProp,
  sgd,
  tf,
} from '@espalier/core'
import { type GoldenCase, toTensor } from '@espalier/testkit'
import { type Check, checkTensor, checkValue, unmet } from '../check.js'
import { camelCased } from './modules.js'

type Args = Readonly<Record<string, unknown>>

const byName: Readonly<Record<string, (options: object) => OptFunc>> = {
  SGD: sgd,
  RMSProp: rmsProp,
  Adam: adam,
  RAdam: radam,
  QHAdam: qhadam,
  Larc: larc,
  Lamb: lamb,
  ranger,
}

/** fastai's optimizers by name, with the arguments of a case. */
export function optFuncOf(name: string, args: Args): OptFunc {
  const make = byName[name]
  if (!make) throw new Error(`the golden runner knows no optimizer '${name}'`)
  return make(camelCased(Object.fromEntries(Object.entries(args).map(([k, v]) => [k, hyperOf(v)]))))
}

/** Ten steps with given gradients: the parameters after each, and what the optimizer remembers. */
export function runOptimizer(golden: GoldenCase): Check[] {
  const {
    opt: name,
    args,
    groups,
    no_weight_decay: noDecay,
  } = golden.json.config as {
    opt: string
    args: Args
    groups: string[][]
    no_weight_decay: string[]
  }
  const { lr, ...rest } = args
  const variables = new Map(groups.flat().map((p) => [p, variableOf(golden, p)]))
  using opt = optFuncOf(name, rest)(
    groups.map((group) => group.map((p) => variables.get(p)!)),
    hyperOf(lr),
  )
  for (const p of noDecay) opt.noDecay.add(variables.get(p)!)
  const trajectory = new Map([...variables.keys()].map((p) => [p, [] as number[]]))
  const steps = golden.input(`grad_${groups[0]![0]}`).shape[0]!
  for (let t = 0; t < steps; t++) {
    tf.tidy(() => {
      opt.step(
        new Map(
          [...variables].map(([p, v]) => [
            v,
            tf.squeeze(tf.slice(toTensor(golden.input(`grad_${p}`)), t, 1), [0]),
          ]),
        ),
      )
    })
    for (const [p, v] of variables) trajectory.get(p)!.push(...v.dataSync())
  }
  const checks = [
    checkValue(golden, 'hypers', opt.hypers.map(snake)),
    ...[...variables].map(([p, v]) => {
      const data = Float32Array.from(trajectory.get(p)!)
      return checkTensor(golden, `traj_${p}`, { data, shape: [steps, ...v.shape], dtype: 'float32' })
    }),
    checkValue(
      golden,
      'final_state',
      Object.fromEntries([...variables].map(([p, v]) => [p, stateOf(opt, v)])),
    ),
  ]
  for (const v of variables.values()) v.dispose()
  const done = [...variables.keys()].map((p) => `traj_${p}`)
  return [...checks, ...unmet(golden, ['hypers', 'final_state', ...done])]
}

function variableOf(golden: GoldenCase, name: string): tf.Variable {
  const init = toTensor(golden.input(name))
  const v = tf.variable(init)
  init.dispose()
  return v
}

/** What an optimizer remembers of a parameter, under fastai's names; fastai's slow weights are not in its state. */
function stateOf(opt: Optimizer, v: tf.Variable): Readonly<Record<string, unknown>> {
  const state = opt.state.get(v)
  return {
    ...(opt.noDecay.has(v) && { do_wd: false }),
    ...Object.fromEntries(
      [...(state?.slots ?? [])]
        .filter(([name]) => name !== 'slow')
        .map(([name, slot]) => [snakeCase(name), slot.arraySync()]),
    ),
    ...(state && state.count > 0 && { step: state.count }),
  }
}

/** A number, list or `{slice: [start, stop]}` as ours. */
export function hyperOf(v: unknown): HyperValue {
  const slice = Array.isArray(v)
    ? undefined
    : (v as { slice?: readonly [number | null, number] } | undefined)?.slice
  return slice ? { ...(slice[0] !== null && { start: slice[0] }), stop: slice[1] } : (v as HyperValue)
}

const snakeCase = (k: string) => k.replace(/[A-Z\d]/g, (c) => `_${c.toLowerCase()}`)
const snake = (h: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(h).map(([k, v]) => [snakeCase(k), v]))

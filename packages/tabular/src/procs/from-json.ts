import { describe, EspalierError } from '@espalier/data'
import { FittedCategorify } from './categorify.js'
import { FittedDateparts } from './dateparts.js'
import { FittedFillMissing } from './fill-missing.js'
import { FittedNormalize } from './normalize.js'
import type { FittedProc, Roles } from './proc.js'
import { TabularProcs } from './tabular-procs.js'

/** Makes steps again from what {@link TabularProcs.toJSON} wrote; throws where it is not that. Nothing in it is run. */
export function procsFromJson(json: unknown): TabularProcs {
  const { input, steps } = record(json, 'procs')
  if (!Array.isArray(steps)) throw wrong('steps', steps)
  const fitted = steps.map((step: unknown, i) => {
    const { name, state } = record(step, `step ${i}`)
    const make = typeof name === 'string' && Object.hasOwn(makers, name) ? makers[name] : undefined
    if (!make) throw wrong(`the name of step ${i}`, name)
    return make(record(state, `the state of ${String(name)}`))
  })
  return new TabularProcs(fitted, rolesOf(input))
}

type State = Readonly<Record<string, unknown>>

const makers: Readonly<Record<string, (state: State) => FittedProc>> = {
  categorify: ({ classes, unseen, missing, roles }) =>
    new FittedCategorify(
      {
        classes: each(classes, 'classes', (of, name) => {
          const { kind, values } = record(of, `the classes of '${name}'`)
          if (kind !== 'number' && kind !== 'text' && kind !== 'bool')
            throw wrong(`the kind of '${name}'`, kind)
          return { kind, values: texts(values, `the classes of '${name}'`) }
        }),
        unseen: policy(unseen, 'unseen'),
        missing: Array.isArray(missing) ? texts(missing, 'missing') : policy(missing, 'missing'),
      },
      rolesOf(roles),
    ),
  dateparts: ({ field, options, roles }) => {
    const { prefix, time, form } = record(options, 'the options of dateparts')
    if (typeof field !== 'string') throw wrong('the field of dateparts', field)
    const said = {
      ...(typeof prefix === 'string' && { prefix }),
      ...(typeof time === 'boolean' && { time }),
      ...(typeof form === 'string' && { form }),
    }
    return new FittedDateparts({ field, options: said }, rolesOf(roles))
  },
  fillMissing: ({ fills, flags, roles }) =>
    new FittedFillMissing(
      { fills: each(fills, 'fills', number), flags: texts(flags, 'flags') },
      rolesOf(roles),
    ),
  normalize: ({ means, stds, whole, roles }) => {
    const state = { means: each(means, 'means', number), stds: each(stds, 'stds', number) }
    const odd = Object.keys(state.means).find(
      (name) => !(Object.hasOwn(state.stds, name) && state.stds[name]! > 0),
    )
    if (odd !== undefined) throw wrong(`the deviation of '${odd}'`, state.stds[odd])
    return new FittedNormalize({ ...state, whole: texts(whole, 'whole') }, rolesOf(roles))
  },
}

function rolesOf(json: unknown): Roles {
  const { cats, conts } = record(json, 'roles')
  return { cats: texts(cats, 'cats'), conts: texts(conts, 'conts') }
}

function record(x: unknown, what: string): State {
  if (typeof x === 'object' && x !== null && !Array.isArray(x)) return x as State
  throw wrong(what, x)
}

function each<T>(x: unknown, what: string, f: (value: unknown, name: string) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(record(x, what)).map(([name, value]) => [name, f(value, name)]))
}

function texts(x: unknown, what: string): string[] {
  if (Array.isArray(x) && x.every((v) => typeof v === 'string')) return x
  throw wrong(what, x)
}

function number(x: unknown, name: string): number {
  if (typeof x === 'number' && Number.isFinite(x)) return x
  throw wrong(`the number of '${name}'`, x)
}

function policy(x: unknown, what: string): 'na' | 'error' {
  if (x === 'na' || x === 'error') return x
  throw wrong(what, x)
}

function wrong(what: string, got: unknown): EspalierError {
  return new EspalierError(
    'procs/json',
    `the saved steps of a table are damaged: ${what} is ${describe(got)}`,
    {
      fix: 'export the model again',
    },
  )
}

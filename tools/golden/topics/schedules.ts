import {
  combinedCos,
  combineScheds,
  perGroup,
  type Schedule,
  schedCos,
  schedExp,
  schedLin,
  schedNo,
  schedPoly,
} from '@espalier/core'
import { reasonOf } from '@espalier/data'
import type { GoldenCase } from '@espalier/testkit'
import { type Check, checkValue, unmet } from '../check.js'
import { hyperOf } from './optimizers.js'

const byName: Readonly<Record<string, (...args: number[]) => Schedule>> = {
  SchedLin: (a, b) => schedLin(a!, b!),
  SchedCos: (a, b) => schedCos(a!, b!),
  SchedNo: (a, b) => schedNo(a!, b!),
  SchedExp: (a, b) => schedExp(a!, b!),
  SchedPoly: (a, b, power) => schedPoly(a!, b!, power!),
  combined_cos: (pct, a, b, c) => combinedCos(pct!, a!, b!, c!),
}

interface Row {
  readonly fn: string
  readonly args: unknown
  readonly values: unknown
}

/** Every schedule at every position of the case. */
export function runSchedules(golden: GoldenCase): Check[] {
  const pos = golden.json.config['pos'] as number[]
  const checks = (golden.json.expected['rows'] as Row[]).map(({ fn, args, values }) =>
    checkValue(golden, `${fn} ${JSON.stringify(args)}`, pos.map(scheduleOf(fn, args)), values),
  )
  return [...checks, ...unmet(golden, ['rows'])]
}

function scheduleOf(text: string, args: unknown): (pos: number) => unknown {
  const fn = text.split(' ')[0]! // without `(per group)`
  if (fn === 'combine_scheds') {
    const { pcts, scheds } = args as { pcts: number[]; scheds: [string, ...number[]][] }
    return combineScheds(
      pcts,
      scheds.map(([name, ...rest]) => named(name, rest)),
    )
  }
  const list = args as readonly (number | readonly number[])[]
  const groups = list.find((a) => typeof a !== 'number') as readonly number[] | undefined
  if (!groups) return named(fn, list as readonly number[])
  const each = groups.map((_, i) =>
    named(
      fn,
      list.map((a) => (typeof a === 'number' ? a : a[i]!)),
    ),
  )
  return (p) => each.map((f) => f(p))
}

function named(name: string, args: readonly number[]): Schedule {
  const make = byName[name]
  if (!make) throw new Error(`the golden runner knows no schedule '${name}'`)
  return make(...args)
}

interface Setting {
  readonly groups: number
  readonly v: unknown
  readonly lrs: number[]
}

/** A hyper-parameter given in every way for every number of groups. */
export function runSetHyper(golden: GoldenCase): Check[] {
  const rows = golden.json.expected['rows'] as readonly Setting[]
  const checks = rows.map(({ groups, v, lrs }) =>
    checkValue(golden, `${groups} groups, ${JSON.stringify(v)}`, perGroup('lr', hyperOf(v), groups), lrs),
  )
  return [...checks, ...checkWrongLength(golden), ...unmet(golden, ['rows', 'wrong_length_error'])]
}

/** The error of the list that the expected text speaks of. */
function checkWrongLength(golden: GoldenCase): Check[] {
  const want = golden.json.expected['wrong_length_error'] as string | undefined
  if (want === undefined) return []
  const [, values, name, groups] = /(\d+) values for (\w+) but there are (\d+)/.exec(want) ?? []
  let error = ''
  try {
    perGroup(name ?? '', new Array<number>(Number(values)).fill(0.1), Number(groups))
  } catch (e) {
    error = reasonOf(e)
  }
  return [checkValue(golden, 'wrong_length_error', error)]
}

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
import { type Check, checkValue } from '../check.js'
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
  return (golden.json.expected['rows'] as Row[]).map(({ fn, args, values }) =>
    checkValue(golden, `${fn} ${JSON.stringify(args)}`, pos.map(scheduleOf(fn, args)), values),
  )
}

function scheduleOf(fn: string, args: unknown): (pos: number) => unknown {
  if (fn === 'combine_scheds') {
    const { pcts, scheds } = args as { pcts: number[]; scheds: [string, ...number[]][] }
    return combineScheds(
      pcts,
      scheds.map(([name, ...rest]) => byName[name]!(...rest)),
    )
  }
  if (fn === 'combined_cos (per group)') {
    const [pct, starts, middles, ends] = args as [number, number[], number[], number[]]
    const each = starts.map((start, i) => combinedCos(pct, start, middles[i]!, ends[i]!))
    return (p) => each.map((f) => f(p))
  }
  return byName[fn]!(...(args as number[]))
}

/** A hyper-parameter given in every way for every number of groups. */
export function runSetHyper(golden: GoldenCase): Check[] {
  const rows = golden.json.expected['rows'] as { groups: number; v: unknown; lrs: number[] }[]
  let error = ''
  try {
    perGroup('lr', [0.1, 0.2], 3)
  } catch (e) {
    error = reasonOf(e)
  }
  return [
    ...rows.map(({ groups, v, lrs }) =>
      checkValue(golden, `${groups} groups, ${JSON.stringify(v)}`, perGroup('lr', hyperOf(v), groups), lrs),
    ),
    checkValue(golden, 'wrong_length_error', error),
  ]
}

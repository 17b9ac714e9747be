import { type AnyModule, BatchNorm, Dropout, Linear, SigmoidRange } from '@espalier/core'
import type { GoldenCase } from '@espalier/testkit'
import { createHead, type Head, type HeadOptions } from '@espalier/vision'
import { type Check, checkPrinted, checkValue } from '../check.js'
import { camelCased, checkModule, countValues, listed } from './modules.js'

type Config = Readonly<Record<string, unknown>>

function headOf(config: Config): Head {
  const { nf, nOut, ...options } = camelCased<{ nf: number; nOut: number } & HeadOptions>(config)
  return createHead(nf, nOut, options)
}

/** A head, forward and backward. */
export function runHead(golden: GoldenCase): Check[] {
  using head = headOf(golden.json.config)
  return checkModule(golden, head)
}

/** Heads for every set of options: printed form, layers, names. */
export function runHeadTable(golden: GoldenCase): Check[] {
  const rows = golden.json.expected['rows'] as { args: Config; printed: string }[]
  return rows.flatMap(({ printed, ...want }) => {
    using head = headOf(want.args)
    const leaves = [...new Set([...head.modules()].map(([, m]) => m))].filter(
      (m) => [...m.children()].length === 0,
    )
    const got = {
      args: want.args,
      leaves: leaves.map((m) => [m.kind, attributes(m)]),
      state_dict: listed(head),
      n_params: countValues(head),
    }
    return [
      checkValue(golden, JSON.stringify(want.args), got, want),
      ...checkPrinted(golden, String(head), printed),
    ]
  })
}

/** The attributes of a layer that the table lists, under torch's names. */
function attributes(m: AnyModule): Config {
  if (m instanceof BatchNorm) return { num_features: m.nFeatures, eps: m.eps, momentum: m.momentum }
  if (m instanceof Linear) return { in_features: m.nIn, out_features: m.nOut, bias: m.bias !== undefined }
  if (m instanceof Dropout) return { p: m.p }
  return m instanceof SigmoidRange ? { low: m.low, high: m.high } : {}
}

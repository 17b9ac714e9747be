import { lookahead } from './lookahead.js'
import type { LookaheadOptions } from './lookahead-step.js'
import type { OptFunc } from './optimizer.js'
import { type RAdamOptions, radam } from './radam.js'

/** Hyper-parameters of ranger: those of RAdam with mom 0.95, wd 0.01 and eps 1e-6, and how it looks ahead. */
export interface RangerOptions extends RAdamOptions, LookaheadOptions {}

/** RAdam that looks ahead (fastai's `ranger`); goes with `fitFlatCos`. */
export function ranger({
  k = 6,
  alpha = 0.5,
  mom = 0.95,
  wd = 0.01,
  eps = 1e-6,
  ...options
}: RangerOptions = {}): OptFunc {
  return lookahead(radam({ mom, wd, eps, ...options }), { k, alpha })
}

import type { TypedArray } from '@espalier/data'
import { hostAccess, hostCompute, viewsOf } from './host.js'
import { repeat } from './recording.js'
import * as tf from './tf.js'

/** Computes new values of variables from the present ones and some inputs, number by number: `to` may be `from`. */
export type HostUpdate = (
  from: readonly TypedArray[],
  ins: readonly TypedArray[],
  to: readonly TypedArray[],
) => void

/**
 * Gives variables new values with plain loops: in place where nobody else sees their memory, and else as new content
 * that is assigned.
 */
export function hostUpdate(
  variables: readonly tf.Variable[],
  inputs: readonly tf.Tensor[],
  update: HostUpdate,
): void {
  const { backend } = tf.engine()
  const { owns } = hostAccess()
  const all = [...variables, ...inputs]
  if (owns && variables.every((v) => owns(backend, v))) {
    const views = viewsOf(all)
    const values = views.slice(0, variables.length)
    const ins = views.slice(variables.length)
    repeat(() => update(values, ins, values))
    return
  }
  const specs = variables.map(({ shape }) => ({ shape, unset: true }))
  const results = hostCompute(all, specs, (views, to) =>
    update(views.slice(0, variables.length), views.slice(variables.length), to),
  )
  for (const [i, v] of variables.entries()) v.assign(results[i]!)
  for (const t of results) t.dispose()
}

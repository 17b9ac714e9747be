import type { Learner } from '@espalier/core'
import { bound, type PythonCall } from '../python-call.js'

/** Runs `freeze()`, `unfreeze()` or `freeze_to(-2)`; false for any other call. */
export function freezes(learn: Pick<Learner, 'freeze' | 'freezeTo' | 'unfreeze'>, call: PythonCall): boolean {
  const { n } = /^(un)?freeze/.test(call.name) ? bound(call, ['n']) : {}
  if (call.name === 'freeze') learn.freeze()
  else if (call.name === 'unfreeze') learn.unfreeze()
  else if (call.name === 'freeze_to') learn.freezeTo(n as number)
  else return false
  return true
}

import type { Learner } from '../learner/learner.js'
import { installedPlatform } from '../platform.js'

/** Says something to whoever watches the fit; a learner that is not verbose keeps quiet. */
export function tell({ options }: Learner, text: string): void {
  if (options.verbose !== false) installedPlatform()?.write(`${text}\n`)
}

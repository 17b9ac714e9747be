import { installedPlatform } from '../../platform.js'
import { jupyterBroadcast, notebookReporter } from './notebook-reporter.js'
import type { ProgressReporter } from './progress-reporter.js'
import { silentReporter } from './silent-reporter.js'

/**
 * The reporter for where this runs: an output of the cell in a Deno notebook; under Node bars on a terminal and
 * plain lines in a pipe, a log or CI; nothing in a browser, whose page shows progress its own way.
 */
export function chooseReporter(): ProgressReporter {
  const broadcast = jupyterBroadcast()
  if (broadcast) return notebookReporter({ broadcast, now: () => performance.now() })
  return installedPlatform()?.progress?.() ?? silentReporter
}

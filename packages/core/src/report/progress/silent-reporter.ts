import type { ProgressReporter } from './progress-reporter.js'

/** Shows nothing. */
export const silentReporter: ProgressReporter = {
  fitStart() {},
  epochStart() {},
  phase() {},
  batch() {},
  row() {},
  fitEnd() {},
}

import { platform } from '../../platform.js'
import { logReporter } from '../../report/progress/log-reporter.js'
import type { ProgressReporter } from '../../report/progress/progress-reporter.js'
import { terminalReporter } from './terminal-reporter.js'

/** Bars where there is somebody to watch them, plain lines elsewhere. */
export function consoleReporter(
  stream: { readonly isTTY?: boolean; readonly columns?: number } = process.stdout,
  env: Readonly<Record<string, string | undefined>> = process.env,
): ProgressReporter {
  const { write, now } = platform()
  const watched = stream.isTTY === true && !isSet(env['CI']) && env['TERM'] !== 'dumb'
  return watched
    ? terminalReporter({ write, columns: () => stream.columns ?? 80 })
    : logReporter({ write, now })
}

/** CI services set it to `true` or `1`; a person unsets it with `false`, `0` or nothing. */
function isSet(value: string | undefined): boolean {
  return value !== undefined && !['', '0', 'false'].includes(value)
}

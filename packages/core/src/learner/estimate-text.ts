import { formatTime } from '../report/console-text.js'
import type { Estimate } from './estimate.js'

/** An estimate as a sentence. */
export function estimateText(e: Omit<Estimate, 'toString'>): string {
  const validation =
    e.validBatches > 0
      ? `, and ${counted(e.validBatches, 'batch', 'es')} of validation (${time(e.secondsValid)})`
      : ''
  const waits = e.secondsPerLoad > e.secondsPerStep
  return [
    `an epoch takes about ${time(e.secondsPerEpoch)}: ${counted(e.batches, 'step', 's')} of ${time(e.secondsPerStep)}${validation}`,
    ...(waits ? [`training waits for its data: loading a batch takes ${time(e.secondsPerLoad)}`] : []),
    `at most ${size(e.peakBytes)} of memory, of which ${size(e.tensorBytes)} are tensors`,
  ].join('; ')
}

function counted(n: number, what: string, plural: string): string {
  return `${n} ${what}${n === 1 ? '' : plural}`
}

function time(seconds: number): string {
  if (seconds >= 60) return formatTime(seconds)
  if (seconds >= 1) return `${seconds.toFixed(1)} s`
  return seconds >= 0.01 ? `${Math.round(seconds * 1000)} ms` : `${(seconds * 1000).toPrecision(2)} ms`
}

function size(bytes: number): string {
  return bytes >= 2 ** 30 ? `${(bytes / 2 ** 30).toFixed(1)} GiB` : `${Math.ceil(bytes / 2 ** 20)} MiB`
}

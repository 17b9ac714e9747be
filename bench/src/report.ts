import { type Pair, ratioOf } from './comparison.js'
import type { Measurement } from './measurement.js'
import type { Result } from './result.js'

/** Other programs that take more of a core than this make the numbers worthless. */
const noisy = 0.15

/** A pair in one line. */
export function pairLine(number: number, pair: Pair): string {
  const { ours, peer } = pair
  const ratio = ratioOf(pair)
  const sides = [
    `ours ${seconds(ours.median_step_s)}`,
    ...(peer ? [`peer ${seconds(peer.median_step_s)}`] : []),
  ]
  return `pair ${number}: ${sides.join(', ')}${ratio === undefined ? '' : `, ratio ${ratio.toFixed(2)}`}`
}

/** The table, the ratio, and what casts doubt on them. */
export function report(result: Result): string {
  const { ours, wasm, peer, ratio, spread } = result
  const rows = [
    ['', 'median step', 'smallest', 'first', `${ours.items}/s`, 'peak memory'],
    row('ours', ours),
    ...(wasm ? [row('ours on wasm', wasm)] : []),
    ...(peer ? [row('peer', peer)] : []),
  ]
  const verdict =
    ratio === null || spread === null
      ? 'ratio unknown: there is no peer to compare with'
      : `ratio ${ratio.toFixed(2)} (${spread.map((r) => r.toFixed(2)).join(' to ')}): ${verdictOf(ratio)}`
  const engine = ours.engine === undefined ? [] : [`ours on the engine ${ours.engine}`]
  const onWasm = wasm && peer && ratioOf({ ours: wasm, peer })
  const beside = onWasm ? [`on wasm ours is ${onWasm.toFixed(2)}× as fast as the peer`] : []
  const lines = [...engine, ...loading(ours), ...epochs(result), ...warnings(result), ...beside]
  return [table(rows), ...lines, verdict].join('\n')
}

/** What else there is to say of a loader. */
function loading({ items_per_s, alone_items_per_s, training_items_per_s, away_s }: Measurement): string[] {
  return [
    ...(alone_items_per_s ? [`without threads ${alone_items_per_s.toFixed(0)}/s`] : []),
    ...(training_items_per_s
      ? [
          `a training step of resnet18 at 128 px takes ${training_items_per_s.toFixed(0)}/s; the loader gives ${(items_per_s / training_items_per_s).toFixed(1)} times as many`,
        ]
      : []),
    ...(away_s === undefined ? [] : [`the main thread was away for ${seconds(away_s)} at most`]),
  ]
}

/** Whole epochs, where both sides have them: they begin with what a process does once. */
function epochs({ ours, peer }: Result): string[] {
  if (ours.epoch_s === undefined || peer?.epoch_s === undefined) return []
  const sides = `ours ${seconds(ours.epoch_s)}, peer ${seconds(peer.epoch_s)}`
  return [
    `an epoch with its first step and its validation: ${sides}, ${verdictOf(peer.epoch_s / ours.epoch_s)}`,
  ]
}

function row(name: string, m: Measurement): string[] {
  return [
    name,
    seconds(m.median_step_s),
    seconds(m.min_step_s),
    m.first_step_s === undefined ? '' : seconds(m.first_step_s),
    m.items_per_s >= 100 ? m.items_per_s.toFixed(0) : m.items_per_s.toPrecision(3),
    `${m.peak_rss_mb.toFixed(0)} MB`,
  ]
}

/** `0.0123` s → `12.3 ms`. */
export function seconds(s: number): string {
  return s >= 0.1 ? `${s.toFixed(3)} s` : `${(s * 1000).toPrecision(3)} ms`
}

function verdictOf(ratio: number): string {
  return ratio >= 1
    ? `ours is ${ratio.toFixed(2)}× as fast`
    : `the peer is ${(1 / ratio).toFixed(2)}× as fast`
}

function warnings({ ours, peer }: Result): string[] {
  const most = Math.max(...[...ours.runs, ...(peer?.runs ?? [])].map((r) => r.others_cores ?? 0))
  if (most < noisy) return []
  return [
    `other programs took up to ${most.toFixed(2)} cores meanwhile: repeat this on a quiet machine before you believe it`,
  ]
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((r) => r[i]!.length)))
  return rows.map((r) => r.map((cell, i) => cell.padStart(widths[i]!)).join('  ')).join('\n')
}

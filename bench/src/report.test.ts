import { expect, it } from 'vitest'
import { compare, type Pair, summarize } from './comparison.js'
import { describeMachine } from './machine.js'
import type { Measurement } from './measurement.js'
import { pairLine, report, seconds } from './report.js'

const run = (median: number, others = 0): Measurement => ({
  median_step_s: median,
  min_step_s: median,
  items_per_s: 16 / median,
  items: 'images',
  peak_rss_mb: 1000,
  others_cores: others,
})

function reportOf(pairs: readonly Pair[]): string {
  const peers = pairs.flatMap((p) => p.peer ?? [])
  return report({
    task: 'resnet34-224',
    ...compare(pairs),
    ours: summarize(pairs.map((p) => p.ours)),
    peer: peers.length > 0 ? summarize(peers) : null,
    machine: describeMachine(2),
  })
}

it('says which side is faster, and how far the pairs lie apart', () => {
  expect(reportOf([{ ours: run(1), peer: run(2) }])).toMatch(
    /ratio 2\.00 \(2\.00 to 2\.00\): ours is 2\.00× as fast$/,
  )
  const pairs = [
    { ours: run(2), peer: run(1) },
    { ours: run(1), peer: run(0.4) },
    { ours: run(1), peer: run(0.6) },
  ]
  expect(reportOf(pairs)).toMatch(/ratio 0\.50 \(0\.40 to 0\.60\): the peer is 2\.00× as fast$/)
})

it('has a row for each side', () => {
  const [, ours, peer] = reportOf([{ ours: run(1), peer: run(0.05) }]).split('\n')
  expect(ours!.trim().split(/ {2,}/)).toEqual(['ours', '1.000 s', '1.000 s', '16.0', '1000 MB'])
  expect(peer!.trim().split(/ {2,}/)).toEqual(['peer', '50.0 ms', '50.0 ms', '320', '1000 MB'])
})

it('shows our other engine beside', () => {
  const [ours, peer] = [run(1), run(2)]
  const text = report({
    task: 'tabular-64',
    ...compare([{ ours, peer }]),
    ours: summarize([ours]),
    wasm: summarize([run(4)]),
    peer: summarize([peer]),
    machine: describeMachine(2),
  })
  expect(text).toMatch(/^ *ours on wasm +4\.000 s/m)
  expect(text).toContain('on wasm ours is 0.50× as fast as the peer')
  expect(text).toMatch(/ours is 2\.00× as fast$/)
})

it('tells what whole epochs take, where both sides have some', () => {
  const ours = { ...run(1), epoch_s: 20 }
  const text = reportOf([
    { ours, peer: { ...run(3), epoch_s: 30 } },
    { ours, peer: { ...run(3), epoch_s: 60 } },
    { ours, peer: { ...run(3), epoch_s: 50 } },
  ])
  expect(text).toContain('validation: ours 20.000 s, peer 50.000 s, ours is 2.50× as fast\n')
  expect(reportOf([{ ours, peer: run(3) }])).not.toContain('validation')
})

it('has no verdict without a peer', () => {
  expect(reportOf([{ ours: run(1) }])).toMatch(/ratio unknown: there is no peer to compare with$/)
})

it('doubts what was measured on a busy machine', () => {
  const doubt = 'other programs took up to 0.40 cores'
  expect(reportOf([{ ours: run(1, 0.1), peer: run(2, 0.4) }])).toContain(doubt)
  expect(reportOf([{ ours: run(1, 0.1), peer: run(2, 0.1) }])).not.toContain('other programs')
})

it('tells each pair as it comes', () => {
  expect(pairLine(2, { ours: run(1), peer: run(1.5) })).toBe('pair 2: ours 1.000 s, peer 1.500 s, ratio 1.50')
  expect(pairLine(1, { ours: run(0.0123) })).toBe('pair 1: ours 12.3 ms')
  expect(seconds(0.1)).toBe('0.100 s')
})

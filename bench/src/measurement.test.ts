import { expect, it } from 'vitest'
import { parseLastLine, parseMeasurement } from './measurement.js'

const printed = {
  task: 'resnet34-224',
  median_step_s: 1.1,
  items_per_s: 14.5,
  items: 'images',
  first_step_s: null,
  peak_rss_mb: 1870,
  others_cores: 0.01,
  metrics: { min_step_s: 1.05, n_params: 7, peak_rss_mb: 1 },
  best: { False: {} },
  variants: [{}],
}

it('reads the last line of a peer, its metrics among the other fields', () => {
  const output = `warning: something\n${JSON.stringify(printed)}\n`
  expect(parseMeasurement(output, 'bench_peer.py')).toEqual({
    task: 'resnet34-224',
    median_step_s: 1.1,
    min_step_s: 1.05,
    items_per_s: 14.5,
    items: 'images',
    peak_rss_mb: 1870,
    others_cores: 0.01,
    n_params: 7,
  })
})

it.each([
  [
    'a number that is missing',
    { ...printed, items_per_s: undefined },
    'bench_peer.py printed items_per_s: undefined',
  ],
  [
    'a number that is none',
    { ...printed, median_step_s: '1.1' },
    'printed median_step_s: 1.1, expected a number',
  ],
  ['a step of no time', { ...printed, median_step_s: 0 }, 'printed median_step_s: 0'],
])('names %s', (_, line, message) => {
  expect(() => parseMeasurement(JSON.stringify(line), 'bench_peer.py')).toThrow(message)
})

it.each(['', 'Traceback', '[1]', '3', 'null', '{"a": 1}\nKilled'])(
  'refuses an output that ends with %j',
  (output) => {
    expect(() => parseLastLine(output, 'x.py')).toThrow(
      /x\.py ended with the line '.*', expected a JSON object/,
    )
  },
)

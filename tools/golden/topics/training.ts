import type { GoldenCase } from '@espalier/testkit'
import { type Check, checkValue, unmet } from '../check.js'
import { parseCalls } from '../python-call.js'
import { eventLearner } from './event-learner.js'
import { perform } from './fits.js'
import { metricOf, tinyLearner } from './tiny-learner.js'

/** The events as a callback before all others hears them. */
export async function runEventOrder(golden: GoldenCase): Promise<Check[]> {
  const {
    epochs,
    train_batches: nTrain,
    valid_batches: nValid,
  } = golden.json.config as Record<string, number>
  const log: unknown[] = []
  const heard = (golden.json.expected['all_events'] as string[]).filter((e) => e !== 'after_create')
  const listener = Object.fromEntries(
    heard.map((event) => [
      event.replace(/_(\w)/g, (_, c: string) => c.toUpperCase()),
      (s: { training: boolean; epoch?: number; iter?: number }) => {
        log.push([event, s.training, s.epoch ?? null, s.iter ?? null])
      },
    ]),
  )
  const cbs = [{ name: 'listener', order: -11, ...listener }]
  using learn = await eventLearner(nTrain!, nValid!, { cbs })
  await learn.fit(epochs!)
  return [checkValue(golden, 'log', log)]
}

/**
 * The form of every cell, and its number within the case's tolerance: a bias before a batch norm has a gradient of
 * rounding noise, which Adam turns into steps, so that the last digits differ from machine to machine.
 */
function checkPrintedRows(golden: GoldenCase, printed: readonly (readonly string[])[]): Check {
  const form = (rows: readonly (readonly string[])[]) =>
    rows.map((r) => r.map((cell) => cell.replace(/\d/g, '0')))
  const numbers = (rows: readonly (readonly string[])[]) => rows.map((r) => r.map(Number))
  const want = golden.json.expected['printed_rows'] as string[][]
  const shape = checkValue(golden, 'printed_rows', form(printed), form(want))
  return shape.ok ? checkValue(golden, 'printed_rows', numbers(printed), numbers(want)) : shape
}

/** The table as it is printed and as it is written to CSV. */
export async function runRecorderTable(golden: GoldenCase): Promise<Check[]> {
  const config = golden.json.config as { metrics: string[]; call: string } & Record<string, boolean>
  const { metrics, call, train_metrics: trainMetrics = false, valid_metrics: validMetrics = true } = config
  using learn = await tinyLearner(golden, { metrics: metrics.map(metricOf) })
  Object.assign(learn.recorder, { trainMetrics, validMetrics })
  for (const c of parseCalls(call)) await perform(learn, c)
  const { recorder } = learn
  const columns = ['epoch', ...recorder.columns]
  const printed = recorder.values.map((r, i) => [String(i), ...r.map((v) => v!.toFixed(6))])
  return [
    checkValue(golden, 'metric_names', columns),
    checkPrintedRows(golden, printed),
    checkValue(golden, 'values', recorder.values),
    checkValue(golden, 'iters', recorder.iters),
    ...checkCsv(golden, columns, recorder.values),
    ...unmet(golden, ['metric_names', 'printed_rows', 'values', 'iters', 'csv']),
  ]
}

/** The lines of the CSV file: the titles, the numbers, and the end of the last line. */
function checkCsv(
  golden: GoldenCase,
  columns: readonly string[],
  rows: readonly (readonly (number | undefined)[])[],
): Check[] {
  const lines = golden.json.expected['csv'] as string[] | undefined
  if (!lines) return []
  const want = lines.slice(1, -1).map((line) => line.split(',').map(Number))
  return [
    checkValue(golden, 'csv', [columns.join(','), ''], [lines[0], lines.at(-1)]),
    checkValue(
      golden,
      'csv',
      rows.map((r, i) => [i, ...r]),
      want,
    ),
  ]
}

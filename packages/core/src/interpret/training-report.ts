import { type FitRecord, joinRecords, lossHistory } from '../learner/fit-record.js'
import type { Learner } from '../learner/learner.js'
import type { Recorder } from '../learner/recorder.js'
import type { Figure } from '../report/figure.js'
import { type HtmlReport, htmlReport, type ReportSection } from '../report/html-report.js'
import { plotLosses } from '../report/plot-losses.js'
import { plotSchedule } from '../report/plot-schedule.js'
import { Table } from '../report/table.js'
import { ClassificationInterpretation } from './classification-interpretation.js'
import { interpret } from './interpret.js'
import type { Interpretation } from './interpretation.js'
import { showResults } from './show-results.js'

/** What goes into a training report besides the learner. */
export interface TrainingReportOptions {
  readonly title: string
  readonly subtitle?: string
  /** What `lrFind` found before the training, for its plot. */
  readonly found?: { plot(): Figure }
  readonly interpretation?: Interpretation
}

/** A training, all its fits, in one HTML file: curves, rates, predictions, the largest losses and, for classes, confusion. */
export async function trainingReport(
  learn: Learner,
  { title, subtitle, found, interpretation }: TrainingReportOptions,
): Promise<string> {
  const interp = interpretation ?? (await interpret(learn))
  const all = joinRecords(learn.recorder.fits)
  const sections: ReportSection[] = [
    { title: 'Epochs', tables: [epochTable(learn.recorder, all)] },
    { title: 'Loss', figures: [plotLosses(lossHistory(all))] },
    { title: 'Learning rate', figures: [plotSchedule(all)] },
    ...(found ? [{ title: 'Learning rate finder', figures: [found.plot()] }] : []),
    { title: 'Predictions', figures: [showResults(learn, { maxN: 12 })] },
    { title: 'Largest losses', figures: [interp.plotTopLosses(9)] },
    ...confusion(interp),
  ]
  const report: HtmlReport = { title, ...(subtitle !== undefined && { subtitle }), sections }
  return htmlReport(report)
}

function epochTable({ columns }: Recorder, { values, seconds }: FitRecord): Table {
  const rows = values.map((r, i) => [
    String(i),
    ...r.map((v) => v?.toFixed(6) ?? ''),
    `${seconds[i]!.toFixed(1)} s`,
  ])
  return new Table(['epoch', ...columns, 'time'], rows)
}

/** What is taken for what, where that can be said. */
function confusion(interp: Interpretation): ReportSection[] {
  if (!(interp instanceof ClassificationInterpretation)) return []
  return [{ title: 'Confusion', figures: [interp.plotConfusionMatrix()], tables: [confusedTable(interp)] }]
}

function confusedTable(interp: ClassificationInterpretation): Table {
  const rows = interp.mostConfused().slice(0, 12)
  return new Table(
    ['actual', 'taken for', 'times'],
    rows.map((c) => [c.actual, c.predicted, c.count]),
  )
}

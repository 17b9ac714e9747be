import type { Learner } from '../learner/learner.js'
import type { Figure } from '../report/figure.js'
import { type HtmlReport, htmlReport, type ReportSection } from '../report/html-report.js'
import { Table } from '../report/table.js'
import { type ClassificationInterpretation, interpret } from './interpretation.js'
import { showResults } from './show-results.js'

/** What goes into a training report besides the learner. */
export interface TrainingReportOptions {
  readonly title: string
  readonly subtitle?: string
  /** What `lrFind` found before the training, for its plot. */
  readonly found?: { plot(): Figure }
  readonly interpretation?: ClassificationInterpretation
}

/** A training in one HTML file: curves, rates, predictions, confusion and the largest losses. */
export async function trainingReport(
  learn: Learner,
  { title, subtitle, found, interpretation }: TrainingReportOptions,
): Promise<string> {
  const interp = interpretation ?? (await interpret(learn))
  const sections: ReportSection[] = [
    { title: 'Epochs', tables: [epochTable(learn)] },
    { title: 'Loss', figures: [learn.recorder.plotLoss()] },
    { title: 'Learning rate', figures: [learn.recorder.plotSched()] },
    ...(found ? [{ title: 'Learning rate finder', figures: [found.plot()] }] : []),
    { title: 'Predictions', figures: [showResults(learn, { maxN: 12 })] },
    { title: 'Largest losses', figures: [interp.plotTopLosses(9)] },
    { title: 'Confusion', figures: [interp.plotConfusionMatrix()], tables: [confusedTable(interp)] },
  ]
  const report: HtmlReport = { title, ...(subtitle !== undefined && { subtitle }), sections }
  return htmlReport(report)
}

function epochTable({ recorder }: Learner): Table {
  const rows = recorder.values.map((r, i) => [
    String(i),
    ...r.map((v) => v?.toFixed(6) ?? ''),
    `${recorder.seconds[i]!.toFixed(1)} s`,
  ])
  return new Table(['epoch', ...recorder.columns, 'time'], rows)
}

function confusedTable(interp: ClassificationInterpretation): Table {
  const rows = interp.mostConfused().slice(0, 12)
  return new Table(
    ['actual', 'taken for', 'times'],
    rows.map((c) => [c.actual, c.predicted, c.count]),
  )
}

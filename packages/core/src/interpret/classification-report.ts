import { displayWidth, padTo, printable } from '../report/console-text.js'

/** How well a class, or all of them on average, is told from the others. */
export interface Scores {
  /** Of what was taken for it, the share that is. */
  readonly precision: number
  /** Of what is, the share that was taken for it. */
  readonly recall: number
  readonly f1: number
  /** How many items there are of it. */
  readonly support: number
}

/** Precision, recall and F1 (scikit-learn's `classification_report`); 0 where there is nothing to take a share of. */
export interface ClassificationReport {
  readonly classes: readonly (Scores & { readonly label: string })[]
  readonly accuracy: number
  /** Every class weighs alike. */
  readonly macroAvg: Scores
  /** A class weighs as many items as it has. */
  readonly weightedAvg: Scores
  /** As a table, laid out as scikit-learn does. */
  toText(options?: { readonly digits?: number }): string
}

/** The report of a confusion matrix, rows what items are and columns what they were taken for. */
export function classificationReport(
  matrix: readonly (readonly number[])[],
  vocab: readonly string[],
): ClassificationReport {
  const classes = vocab.map((label, c) => {
    const hits = matrix[c]![c]!
    const support = sum(matrix[c]!)
    const [precision, recall] = [share(hits, sum(matrix.map((counts) => counts[c]!))), share(hits, support)]
    return { label, precision, recall, f1: share(2 * precision * recall, precision + recall), support }
  })
  const total = sum(classes.map((c) => c.support))
  const average = (weightOf: (c: Scores) => number): Scores => {
    const mean = (of: (c: Scores) => number) =>
      share(sum(classes.map((c) => weightOf(c) * of(c))), sum(classes.map(weightOf)))
    return {
      precision: mean((c) => c.precision),
      recall: mean((c) => c.recall),
      f1: mean((c) => c.f1),
      support: total,
    }
  }
  const report = {
    classes,
    accuracy: share(sum(matrix.map((counts, c) => counts[c]!)), total),
    macroAvg: average(() => 1),
    weightedAvg: average((c) => c.support),
  }
  return { ...report, toText: ({ digits = 2 } = {}) => textOf(report, digits) }
}

function textOf(
  { classes, accuracy, macroAvg, weightedAvg }: Omit<ClassificationReport, 'toText'>,
  digits: number,
): string {
  const labels = classes.map((c) => printable(c.label))
  const width = Math.max(...[...labels, 'weighted avg'].map(displayWidth), digits)
  const line = (label: string, cells: readonly string[]) =>
    `${padTo(label, width, true)} ${cells.map((cell) => ` ${cell.padStart(9)}`).join('')}`
  const scores = (label: string, s: Scores) =>
    line(label, [...[s.precision, s.recall, s.f1].map((v) => fixed(v, digits)), String(s.support)])
  return [
    line('', ['precision', 'recall', 'f1-score', 'support']),
    '',
    ...classes.map((c, i) => scores(labels[i]!, c)),
    '',
    line('accuracy', ['', '', fixed(accuracy, digits), String(macroAvg.support)]),
    scores('macro avg', macroAvg),
    scores('weighted avg', weightedAvg),
    '',
  ].join('\n')
}

/** With so many decimals; a number halfway between two goes to the even one, as in Python. */
function fixed(x: number, digits: number): string {
  const halves = x * 2 ** (digits + 1)
  const halfway = Number.isInteger(halves) && halves % 2 !== 0
  const down = Math.floor(x * 10 ** digits)
  return halfway && down % 2 === 0 ? (down / 10 ** digits).toFixed(digits) : x.toFixed(digits)
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0)
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}

/** A row of FEATURES.md. */
export interface Feature {
  /** Counted from 1. */
  readonly line: number
  /** What fastai calls it; empty for what fastai does not have. */
  readonly fastai: readonly string[]
  /** What it is called here: `name`, or `Class.member`. */
  readonly ours: readonly string[]
  /** The specifier that is imported. */
  readonly from: string
  /** As it is written; undefined for what fastai does not have. */
  readonly status: string | undefined
}

/** The rows of all tables. A table of what fastai does not have begins with the column `ours`. */
export function featuresIn(markdown: string): readonly Feature[] {
  const features: Feature[] = []
  let columns: readonly string[] | undefined
  for (const [i, line] of markdown.split('\n').entries()) {
    if (!line.startsWith('|')) {
      columns = undefined
      continue
    }
    const cells = line.slice(1, -1).split('|')
    if (!columns) columns = cells.map((cell) => cell.trim())
    else if (!/^[\s|:-]+$/.test(line)) features.push(featureOf(i + 1, columns, cells))
  }
  return features
}

function featureOf(line: number, columns: readonly string[], cells: readonly string[]): Feature {
  const cell = (column: string) => cells[columns.indexOf(column)]
  return {
    line,
    fastai: namesIn(cell('fastai')),
    ours: namesIn(cell('ours')),
    from: namesIn(cell('package'))[0] ?? '',
    status: cell('status')?.trim(),
  }
}

/** What stands between backticks. */
function namesIn(cell = ''): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!)
}

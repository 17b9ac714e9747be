import { type AnyModule, type Learner, platform } from '@espalier/core'
import { checkOptions, EspalierError, row } from '@espalier/data'
import { getImageFiles } from '@espalier/data/node'

/** What a classifier says of a picture in a folder. */
export interface PredictedFile {
  readonly file: string
  readonly label: string
  /** Of that label, from 0 to 1. */
  readonly probability: number
}

/** The pictures of a folder: what they are, and which could not be read. */
export interface PredictedFolder {
  readonly rows: readonly PredictedFile[]
  readonly skipped: readonly { readonly file: string; readonly reason: string }[]
}

/** Where the predictions are written, and how many are made at a time. */
export interface PredictFolderOptions {
  /** A file to write `file,label,probability` to, a line for each picture. */
  readonly csv?: string
  /** Pictures at a time; default: as in validation. */
  readonly bs?: number
}

/**
 * What a classifier says of every picture in a folder and the folders in it, in the order of their paths. A batch at a
 * time is held; what cannot be read is passed over and listed.
 *
 * @example
 * const { rows } = await predictFolder(learn, 'holiday', { csv: 'holiday.csv' })
 */
export async function predictFolder(
  learn: Learner<AnyModule, unknown>,
  folder: string,
  options: PredictFolderOptions = {},
): Promise<PredictedFolder> {
  checkOptions('predictFolder', options, ['csv', 'bs'])
  const { csv, bs } = options
  const files = await getImageFiles(folder)
  const dl = learn.dls.testDl(files, bs === undefined ? {} : { bs })
  const rows: PredictedFile[] = []
  for await (const { ids, preds } of learn.predsOf({ dl, withDecoded: false })) {
    for (const [i, file] of ids.entries()) {
      const { data, shape } = row(preds, i)
      rows.push({ file, ...classOf(learn.dls.target?.read(Float32Array.from(data), shape)) })
    }
  }
  const skipped = [...dl.skipped.values()].map(({ id, reason }) => ({ file: id, reason }))
  if (csv !== undefined) await platform().writeFileAtomic(csv, new TextEncoder().encode(csvOf(rows)))
  return { rows, skipped }
}

/** The class of a prediction; those of other models have none. */
function classOf(prediction: unknown): Omit<PredictedFile, 'file'> {
  const { label, index, probabilities } = Object(prediction) as Record<string, unknown>
  if (typeof label === 'string' && probabilities instanceof Float32Array) {
    return { label, probability: probabilities[Number(index)]! }
  }
  throw new EspalierError('predict/folder', 'predictFolder is for classifiers, which give one class', {
    fix: 'for all else: learn.getPreds({ dl: learn.dls.testDl(await getImageFiles(folder)) }) has ids and preds',
  })
}

function csvOf(rows: readonly PredictedFile[]): string {
  const quoted = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
  const lines = rows.map(
    ({ file, label, probability }) => `${quoted(file)},${quoted(label)},${probability.toFixed(6)}\n`,
  )
  return `file,label,probability\n${lines.join('')}`
}

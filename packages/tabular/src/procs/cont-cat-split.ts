import { checkOptions } from '@espalier/data'
import { firstPlaces } from '../frame/column.js'
import type { Frame } from '../frame/frame.js'

/** How columns are told apart. */
export interface ContCatSplitOptions {
  /** Columns of whole numbers with more values than this are continuous. Default 20. */
  readonly maxCard?: number
  /** What is predicted: neither. */
  readonly depVar?: string | readonly string[]
}

/**
 * Tells continuous columns from categorical ones (fastai's `cont_cat_split`): numbers with a fraction, and whole numbers
 * of many values, are continuous.
 */
export function contCatSplit(
  frame: Frame,
  options: ContCatSplitOptions = {},
): { readonly contNames: string[]; readonly catNames: string[] } {
  checkOptions('contCatSplit', options, ['maxCard', 'depVar'])
  const { maxCard = 20, depVar = [] } = options
  const targets = [depVar].flat()
  for (const name of targets) frame.column(name)
  const contNames: string[] = []
  const catNames: string[] = []
  for (const name of frame.names.filter((name) => !targets.includes(name))) {
    const column = frame.column(name)
    const many = () => firstPlaces(column).length > maxCard
    const continuous = column.kind === 'number' && (column.isFloat || many())
    if (continuous) contNames.push(name)
    else catNames.push(name)
  }
  return { contNames, catNames }
}

import type { AnyModule, Learner } from '@espalier/core'
import { EspalierError, listed } from '@espalier/data'
import { TabularDataLoaders } from '../data/tabular-data-loaders.js'
import { Frame } from '../frame/frame.js'
import { TabularModel } from '../models/tabular-model.js'

/**
 * What a model has learned about the values of a categorical column: a row for each, `#na#` first, with the value and
 * the numbers of its vector. Other models can use them in place of the category (Guo & Berkhahn 2016).
 *
 * @example
 * entityEmbeddings(learn, 'occupation').show().toText()
 */
export function entityEmbeddings(learn: Learner<AnyModule, unknown>, column: string): Frame {
  const { catNames, classes } = TabularDataLoaders.from(learn.dls)
  const { model } = learn
  const at = catNames.indexOf(column)
  if (!(model instanceof TabularModel) || at < 0) {
    throw new EspalierError('tabular/embedding', `there is no embedding of a column '${column}'`, {
      fix: `the categorical columns are ${listed(catNames)}`,
    })
  }
  const { nDim, weight } = model.embeds.tables[at]!
  const values = weight.dataSync<'float32'>()
  const numbers = Array.from({ length: nDim }, (_, j) => [
    `${column}_${j}`,
    classes[column]!.map((_, i) => values[i * nDim + j]!),
  ])
  return Frame.fromColumns({ [column]: classes[column]!, ...Object.fromEntries(numbers) })
}

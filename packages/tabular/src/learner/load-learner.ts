import { type AnyModule, type BundleSource, type Learner, loadLearner as load } from '@espalier/core'
import type { CategoryPrediction } from '@espalier/data'
import { registerTabularParts } from './register-tabular-parts.js'

/**
 * Opens what `learn.export` of a learner for tables or ratings wrote, ready to predict raw rows. Nothing in the files
 * is run.
 *
 * @example
 * using learn = await loadLearner('income')
 * const { label } = await learn.predict({ age: 40, education: 'Masters', occupation: 'Sales' })
 */
export function loadLearner<P = CategoryPrediction>(source: BundleSource): Promise<Learner<AnyModule, P>> {
  registerTabularParts()
  return load<P>(source)
}

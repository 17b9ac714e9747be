import type { AnyModule, BundleSource, Learner } from '@espalier/core'
import type { CategoryPrediction } from '@espalier/data'
import { registerTabularParts } from '@espalier/tabular'
import { loadLearner as loadTextLearner } from '@espalier/text'
import { registerVisionParts } from '@espalier/vision'

/**
 * Opens what `learn.export` wrote, for pictures, texts, tables or ratings, ready to predict. Nothing in the files is run.
 *
 * @example
 * using learn = await loadLearner('breeds')
 * const { label } = await learn.predict('my-dog.jpg')
 */
export function loadLearner<P = CategoryPrediction>(source: BundleSource): Promise<Learner<AnyModule, P>> {
  registerVisionParts()
  registerTabularParts()
  return loadTextLearner<P>(source)
}

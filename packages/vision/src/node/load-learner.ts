import { type AnyModule, type BundleSource, type Learner, loadLearner as load } from '@espalier/core'
import type { CategoryPrediction } from '@espalier/data'
import { registerVisionParts } from './register-vision-parts.js'

/**
 * Opens what `learn.export` of a vision learner wrote, ready to predict. Nothing in the files is run.
 *
 * @example
 * using learn = await loadLearner('breeds')
 * const { label, probabilities } = await learn.predict('my-dog.jpg')
 */
export function loadLearner<P = CategoryPrediction>(source: BundleSource): Promise<Learner<AnyModule, P>> {
  registerVisionParts()
  return load<P>(source)
}

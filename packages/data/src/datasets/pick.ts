import type { Dataset } from './dataset.js'

/** Some of the samples of a data set, in the given order. */
export function pick(dataset: Dataset, indices: readonly number[]): Dataset {
  const at = (i: number): number => {
    const index = indices[i]
    if (index === undefined) throw new RangeError(`no sample ${i} among ${indices.length}`)
    return index
  }
  const { recipe } = dataset
  return {
    length: indices.length,
    sample: (i, context) => dataset.sample(at(i), context),
    id: (i) => dataset.id(at(i)),
    ...(recipe && { recipe: { pipelines: recipe.pipelines, item: (i: number) => recipe.item(at(i)) } }),
  }
}

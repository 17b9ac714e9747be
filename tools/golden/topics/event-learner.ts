import { Learner, type LearnerOptions } from '@espalier/core'
import { DataLoader, DataLoaders, type Dataset, datasets, ndArray } from '@espalier/data'
import { buildModel } from '../tiny-model.js'

/** A learner of one linear layer, and so many batches of one item. */
export async function eventLearner(
  nTrain: number,
  nValid: number,
  more: LearnerOptions<never> = {},
): Promise<Learner> {
  const dl = (n: number, split: number) => {
    const dataset: Dataset = {
      length: n,
      sample: async () => [ndArray('float32', [2], [1, 2]), ndArray('int32', [], [0])],
      id: String,
    }
    return new DataLoader(dataset, { bs: 1, shuffle: false, split })
  }
  const dls = new DataLoaders(dl(nTrain, 0), dl(nValid, 1), { datasets: await datasets<never>([], []) })
  const options = { verbose: false, ...(more as object) }
  return new Learner(dls, buildModel('Sequential(Linear(2,2))'), options)
}

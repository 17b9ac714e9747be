import { type DataLoaders, describeData, type Json, type NdArray } from '@espalier/data'
import { sha256 } from '../bundle/sha256.js'
import { installedPlatform } from '../platform.js'
import { cardPart } from './card-part.js'
import type { CardPart, RunCard } from './run-card.js'

/** What a card says of the data of a learner. */
export async function dataOf(
  dls: DataLoaders<readonly NdArray[], unknown, unknown>,
): Promise<Pick<RunCard, 'data' | 'order' | 'transforms'>> {
  const stat = installedPlatform()?.fileSize
  const {
    bs: _,
    transforms,
    order,
    ...data
  } = await describeData(dls, { hash: sha256, ...(stat && { stat }) })
  const { pipelines, itemTfms, beforeBatch, batchTfms } = transforms as unknown as Described
  return {
    data,
    order,
    transforms: {
      pipelines: await Promise.all(pipelines.map(parts)),
      item: await parts(itemTfms),
      beforeBatch: await parts(beforeBatch),
      batch: await parts(batchTfms),
    },
  }
}

/** A transform is its name, with its options where it says them. */
type Step = string | { readonly name: string; readonly options: Json }

interface Described {
  readonly pipelines: readonly (readonly Step[])[]
  readonly itemTfms: readonly Step[]
  readonly beforeBatch: readonly Step[]
  readonly batchTfms: readonly Step[]
}

function parts(steps: readonly Step[]): Promise<readonly CardPart[]> {
  return Promise.all(
    steps.map((s) => (typeof s === 'string' ? cardPart(s, undefined) : cardPart(s.name, s.options))),
  )
}

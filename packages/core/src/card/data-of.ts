import type { DataLoader, DataLoaders, Json, NdArray } from '@espalier/data'
import { textDigest } from './digest-of.js'

type Loaders = DataLoaders<readonly NdArray[], unknown, unknown>

/** What the data of a learner are: how many samples, which, and of which classes. */
export async function dataOf({ train, valid, target }: Loaders): Promise<Readonly<Record<string, Json>>> {
  const ids = { train: idsOf(train), valid: idsOf(valid) }
  const folder = commonFolder([...ids.train, ...ids.valid])
  const part = async (dl: DataLoader, names: readonly string[]): Promise<Json> => ({
    items: names.length,
    ids: await textDigest(names.map((id) => id.slice(folder.length)).join('\n')),
    skipped: dl.skipped.size,
  })
  return {
    train: await part(train, ids.train),
    valid: await part(valid, ids.valid),
    classes: target?.vocab?.length ?? null,
    vocab: target?.vocab ? await textDigest(JSON.stringify(target.vocab)) : null,
  }
}

function idsOf({ dataset }: DataLoader): string[] {
  return Array.from({ length: dataset.length }, (_, i) => dataset.id(i).replaceAll('\\', '/'))
}

/** The folder that all paths lie in: where the data are kept says nothing of what they are. */
function commonFolder([first = '', ...others]: readonly string[]): string {
  let folder = first.slice(0, first.lastIndexOf('/') + 1)
  for (const path of others) {
    while (!path.startsWith(folder)) folder = folder.slice(0, folder.lastIndexOf('/', folder.length - 2) + 1)
  }
  return folder
}

import { describe } from '../describe.js'
import { EspalierError } from '../errors.js'
import { DataLoader } from './data-loader.js'

/** Throws unless something is a pair of data loaders. */
export function checkLoaders(dls: unknown): void {
  const { train, valid } = (dls ?? {}) as { readonly train?: unknown; readonly valid?: unknown }
  if (train instanceof DataLoader && valid instanceof DataLoader) return
  throw new EspalierError('loaders/invalid', `a learner needs data loaders, got ${describe(dls)}`, {
    fix:
      dls instanceof Promise
        ? 'await them: const dls = await ImageDataLoaders.fromFolder(path)'
        : dls instanceof DataLoader
          ? 'give both loaders: dls, not dls.train'
          : 'make them with dataBlock(…).dataLoaders(source) or ImageDataLoaders',
  })
}

/** Throws unless something is a single data loader. */
export function checkLoader(dl: unknown): void {
  if (dl instanceof DataLoader) return
  const isPair = typeof dl === 'object' && dl !== null && 'valid' in dl && 'train' in dl
  throw new EspalierError('loaders/invalid', `a data loader is needed, got ${describe(dl)}`, {
    fix: isPair ? 'give one of them: dls.valid' : 'make one of items: learn.dls.testDl(items)',
  })
}

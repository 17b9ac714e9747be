import { EspalierError } from '../errors.js'
import { pathOf } from './path-of.js'

/** Labels an item by the folder it lies in (fastai's `parent_label`): `'train/cat/1.jpg'` → `'cat'`. */
export function parentLabel(path: string): string {
  const folder = pathOf('parentLabel', path).split('/').at(-2)
  if (folder) return folder
  throw new EspalierError('label/no-folder', `parentLabel: '${path}' does not say in which folder it lies`, {
    fix: 'label paths such as train/cat/1.jpg, or use regexLabeller',
  })
}

import { describe } from '../describe.js'
import { EspalierError } from '../errors.js'

/** An item as a path with `/` on every system; throws where it is no text. */
export function pathOf(labeller: string, item: unknown): string {
  if (typeof item === 'string') return item.replaceAll('\\', '/')
  throw new EspalierError('label/path', `${labeller} labels paths, got ${describe(item)}`, {
    fix: 'write a label function for items of your own: (item) => item.label',
  })
}

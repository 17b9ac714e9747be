import { EspalierError } from '../errors.js'

/**
 * Labels an item by the first group of `pattern` in its path (fastai's `RegexLabeller`). Separators are
 * read as `/` on every system.
 *
 * @example
 * regexLabeller(/([^/]+)_\d+\.jpg$/)('pets/Maine_Coon_12.jpg') // 'Maine_Coon'
 */
export function regexLabeller(pattern: RegExp): (path: string) => string {
  return (path) => {
    const label = new RegExp(pattern.source, pattern.flags.replace('g', '')).exec(
      path.replaceAll('\\', '/'),
    )?.[1]
    if (label === undefined) {
      throw new EspalierError('label/no-match', `regexLabeller: ${pattern} does not match '${path}'`, {
        fix: 'the first group of the pattern is the label; test the pattern on this path',
      })
    }
    return label
  }
}

import { describe } from '../describe.js'
import { EspalierError } from '../errors.js'
import { pathOf } from './path-of.js'

/**
 * Labels an item by the first group of `pattern` in its path (fastai's `RegexLabeller`). Separators are
 * read as `/` on every system.
 *
 * @example
 * regexLabeller(/([^/]+)_\d+\.jpg$/)('pets/Maine_Coon_12.jpg') // 'Maine_Coon'
 */
export function regexLabeller(pattern: RegExp): (path: string) => string {
  checkPattern(pattern)
  return (path) => {
    const label = new RegExp(pattern.source, pattern.flags.replace('g', '')).exec(
      pathOf('regexLabeller', path),
    )?.[1]
    if (label === undefined) {
      throw new EspalierError('label/no-match', `regexLabeller: ${pattern} does not match '${path}'`, {
        fix: 'the first group of the pattern is the label; test the pattern on this path',
      })
    }
    return label
  }
}

function checkPattern(pattern: unknown): void {
  if (!(pattern instanceof RegExp)) {
    throw new EspalierError(
      'label/pattern',
      `regexLabeller: the pattern must be a regular expression, got ${describe(pattern)}`,
      { fix: 'write it between slashes: /^(.+)_\\d+\\.jpg$/' },
    )
  }
  // Whatever it is matched with, a pattern has as many groups; the empty alternative makes it match.
  if (new RegExp(`${pattern.source}|`, pattern.flags).exec('')!.length < 2) {
    throw new EspalierError('label/pattern', `regexLabeller: ${pattern} has no group to be the label`, {
      fix: 'put the label in parentheses: /^(.+)_\\d+\\.jpg$/',
    })
  }
}

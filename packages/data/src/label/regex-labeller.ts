import { checkOptions } from '../check-options.js'
import { describe } from '../describe.js'
import { EspalierError } from '../errors.js'
import { pathOf } from './path-of.js'

/** Where a {@link regexLabeller} looks. */
export interface RegexLabellerOptions {
  /** True matches from the beginning of the path alone, as Python's `re.match`. Default: anywhere in it. */
  readonly match?: boolean
}

/**
 * Labels an item by the first group of `pattern` in its path (fastai's `RegexLabeller`). Separators are
 * read as `/` on every system.
 *
 * @example
 * regexLabeller(/([^/]+)_\d+\.jpg$/)('pets/Maine_Coon_12.jpg') // 'Maine_Coon'
 */
export function regexLabeller(pattern: RegExp, options: RegexLabellerOptions = {}): (path: string) => string {
  checkPattern(pattern)
  checkOptions('regexLabeller', options, ['match'])
  const flags = pattern.flags.replaceAll(/[gy]/g, '')
  const own = new RegExp(pattern.source, options.match || pattern.sticky ? `${flags}y` : flags)
  return (path) => {
    own.lastIndex = 0
    const label = own.exec(pathOf('regexLabeller', path))?.[1]
    if (label === undefined) {
      const from = own.sticky ? ' from its beginning' : ''
      throw new EspalierError('label/no-match', `regexLabeller: ${pattern} does not match '${path}'${from}`, {
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

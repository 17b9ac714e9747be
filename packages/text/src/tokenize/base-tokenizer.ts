import { checkOptions } from '@espalier/data'
import type { TextTokenizer } from './text-tokenizer.js'

/**
 * Divides a text at every space, or at another sign (fastai's `BaseTokenizer`): for texts that are divided already.
 *
 * @example
 * baseTokenizer().split('This movie was GREAT,') // ['This', 'movie', 'was', 'GREAT,']
 */
export function baseTokenizer(options: { readonly splitChar?: string } = {}): TextTokenizer {
  checkOptions('baseTokenizer', options, ['splitChar'])
  const { splitChar = ' ' } = options
  return {
    name: 'baseTokenizer',
    toJSON: () => ({ splitChar }),
    split: (text) => text.split(splitChar),
    join: (tokens) => tokens.join(splitChar),
  }
}

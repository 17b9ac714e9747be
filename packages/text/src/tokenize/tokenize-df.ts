import { checkOptions } from '@espalier/data'
import { columnOf, joinTexts } from './join-texts.js'
import { TextProcessor, type TextProcessorOptions } from './text-processor.js'

/** How the texts of a table are tokenized. */
export interface TokenizeDfOptions extends TextProcessorOptions {
  /** Puts `xxfld` and its number before each of several columns. Default: where there are several. */
  readonly markFields?: boolean
  /** The column for the tokens; their number comes in one of that name and `_length`. Default `'text'`. */
  readonly tokTextCol?: string
}

/** A row with its tokens in place of its texts. */
export type TokenizedRow = Readonly<Record<string, unknown>>

/**
 * The rows of a table with the tokens of their texts, and how often each token occurs (fastai's `tokenize_df`).
 *
 * @example
 * tokenizeDf([{ title: 'Good', body: 'I liked it', label: 1 }], ['title', 'body'])
 */
export function tokenizeDf(
  rows: readonly object[],
  textCols: string | number | readonly (string | number)[],
  options: TokenizeDfOptions = {},
): { readonly rows: TokenizedRow[]; readonly counts: Map<string, number> } {
  checkOptions('tokenizeDf', options, ['markFields', 'tokTextCol', 'tok', 'rules', 'postRules'])
  const { markFields, tokTextCol = 'text', ...processing } = options
  const cols = [textCols].flat().map((col) => columnOf(rows, col))
  const textOf = joinTexts(cols, markFields)
  const processor = new TextProcessor(processing)
  const counts = new Map<string, number>()
  const made = rows.map((row) => {
    const tokens = processor.tokens(textOf(row))
    for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1)
    const others = Object.entries(row).filter(([name]) => !cols.includes(name))
    return { ...Object.fromEntries(others), [tokTextCol]: tokens, [`${tokTextCol}_length`]: tokens.length }
  })
  return { rows: made, counts }
}

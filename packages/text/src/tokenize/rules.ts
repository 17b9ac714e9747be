import { endOfSpace, endOfWord, isSpace, isWordAt, mapWords, stripped, widthAt } from './characters.js'
import { BOS, EOS, TK_MAJ, TK_REP, TK_UP, TK_WREP, UNK } from './special-tokens.js'
import { unescapeHtml } from './unescape-html.js'

/** A step on a text before it is divided into tokens, or on a token after that. */
export type TextRule = (text: string) => string

/** What is found in texts from the web, and what it stands for. */
const fragments: readonly (readonly [found: string, meant: string])[] = [
  ['#39;', "'"],
  ['amp;', '&'],
  ['#146;', "'"],
  ['nbsp;', ' '],
  ['#36;', '$'],
  ['\\n', '\n'],
  ['quot;', "'"],
  ['<br />', '\n'],
  ['\\"', '"'],
  ['<unk>', UNK],
  [' @.@ ', '.'],
  [' @-@ ', '-'],
  ['...', ' …'],
]

/** Puts right what is left of HTML, and of the marks of WikiText (fastai's `fix_html`). */
export function fixHtml(text: string): string {
  return unescapeHtml(fragments.reduce((t, [found, meant]) => t.replaceAll(found, meant), text))
}

/** A character three times or more: `sooo` → `s xxrep 3 o ` (`replace_rep`). */
export function replaceRep(text: string): string {
  let made = ''
  let kept = 0
  for (let at = 0; at < text.length; ) {
    const width = widthAt(text, at)
    const end = endOfRun(text, at, width)
    const times = (end - at) / width
    if (times >= 3 && !isSpace(text.charCodeAt(at))) {
      made += `${text.slice(kept, at)} ${TK_REP} ${times} ${text.slice(at, at + width)} `
      kept = end
    }
    at = end
  }
  return kept === 0 ? text : made + text.slice(kept)
}

function endOfRun(text: string, from: number, width: number): number {
  let at = from + width
  if (width === 1) {
    const code = text.charCodeAt(from)
    while (text.charCodeAt(at) === code) at++
    return at
  }
  const code = text.codePointAt(from)
  while (text.codePointAt(at) === code) at += 2
  return at
}

/** A word three times or more: `very very very good` → ` xxwrep 3 very  good` (`replace_wrep`). */
export function replaceWrep(text: string): string {
  let made = ''
  let kept = 0
  for (let at = 0; ; ) {
    // A match begins with the one white space before a word, or at the beginning of the text.
    const first = at === 0 && !isSpace(text.charCodeAt(0))
    const start = first ? 0 : nextSpace(text, at)
    const from = first ? 0 : start + 1
    if (from >= text.length) break
    const found = repeatedWord(text, from)
    if (found) {
      const { word, times, end, after } = found
      made += `${text.slice(kept, start)} ${TK_WREP} ${times} ${word} ${text.slice(end, after)}`
      kept = after
    }
    at = found?.after ?? Math.max(from, 1)
  }
  return kept === 0 ? text : made + text.slice(kept)
}

/** The next white space that a word follows. */
function nextSpace(text: string, from: number): number {
  let at = from
  while (at < text.length && !(isSpace(text.charCodeAt(at)) && !isSpace(text.charCodeAt(at + 1)))) at++
  return at
}

interface Repeated {
  readonly word: string
  readonly times: number
  /** After the last of the words, and after the one character that follows it. */
  readonly end: number
  readonly after: number
}

/** The word at a place, where it is repeated: the last time it may have something behind it that is no letter. */
function repeatedWord(text: string, from: number): Repeated | undefined {
  const end = endOfWord(text, from)
  let next = endOfSpace(text, end)
  if (end === from || next === end) return undefined
  const word = text.slice(from, end)
  if (!text.startsWith(word, next) || !isWord(word)) return undefined
  let whole = 0
  let last = end
  while (text.startsWith(word, next) && isSpace(text.charCodeAt(next + word.length))) {
    whole++
    last = next + word.length
    next = endOfSpace(text, last)
  }
  const behind = next + word.length
  if (whole >= 1 && text.startsWith(word, next) && !isWordAt(text, behind)) {
    const after = Math.min(text.length, behind + widthAt(text, behind))
    return { word, times: whole + 2, end: behind, after }
  }
  return whole >= 2 ? { word, times: whole + 1, end: last, after: last + 1 } : undefined
}

function isWord(text: string): boolean {
  for (let at = 0; at < text.length; at += widthAt(text, at)) if (!isWordAt(text, at)) return false
  return true
}

/** Spaces around `/`, `#` and `\` (`spec_add_spaces`). */
export function specAddSpaces(text: string): string {
  return text.replaceAll(/[/#\\]/g, ' $& ')
}

/** One space in place of several (`rm_useless_spaces`). */
export function rmUselessSpaces(text: string): string {
  return text.replaceAll(/ (?= )/g, '')
}

/** Words in capitals: `GREAT` → `xxup great`; of a single letter without the mark (`replace_all_caps`). */
export function replaceAllCaps(text: string): string {
  return mapWords(text, (word) => (isCapital(word) && !/[a-z]/.test(word) ? marked(TK_UP, word) : undefined))
}

/** Words that begin with a capital: `Great` → `xxmaj great`; of a single letter without the mark (`replace_maj`). */
export function replaceMaj(text: string): string {
  return mapWords(text, (word) =>
    isCapital(word) && !hasCapital(word, 1) ? marked(TK_MAJ, word) : undefined,
  )
}

function isCapital(word: string): boolean {
  const code = word.charCodeAt(0)
  return code >= 65 && code <= 90
}

function hasCapital(word: string, from: number): boolean {
  for (let i = from; i < word.length; i++) {
    const code = word.charCodeAt(i)
    if (code >= 65 && code <= 90) return true
  }
  return false
}

function marked(mark: string, word: string): string {
  return word.length > 1 ? `${mark} ${word.toLowerCase()}` : word.toLowerCase()
}

/** Small letters, no white space around, and the mark of a beginning (`lowercase`). */
export function lowercase(text: string, { addBos = true, addEos = false } = {}): string {
  return `${addBos ? `${BOS} ` : ''}${stripped(text.toLowerCase())}${addEos ? ` ${EOS}` : ''}`
}

/** Spaces within a token become `▁`, so that tokens can be joined by spaces and divided again (`replace_space`). */
export function replaceSpace(token: string): string {
  return token.includes(' ') ? token.replaceAll(' ', '▁') : token
}

/** All rules, by their names: what exported models and worker threads know them by. */
export const textRules: Readonly<Record<string, TextRule>> = {
  ...{ fixHtml, replaceRep, replaceWrep, specAddSpaces, rmUselessSpaces },
  ...{ replaceAllCaps, replaceMaj, replaceSpace },
  lowercase: (text) => lowercase(text),
}

/** What is done to a text before it is divided (fastai's `defaults.text_proc_rules`). */
export const defaultRules: readonly TextRule[] = [
  ...[fixHtml, replaceRep, replaceWrep, specAddSpaces, rmUselessSpaces],
  ...[replaceAllCaps, replaceMaj, textRules['lowercase']!],
]

/** What is done to a token (`defaults.text_postproc_rules`). */
export const defaultPostRules: readonly TextRule[] = [replaceSpace]

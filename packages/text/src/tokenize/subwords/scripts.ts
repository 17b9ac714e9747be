import { wordMark } from './training.js'

const shared = /\p{Script=Common}/u
const inherited = /\p{Script=Inherited}/u
/** Japanese mixes its scripts within a word. */
const han = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー]/u
const others = [
  'Latin',
  'Cyrillic',
  'Greek',
  'Arabic',
  'Hebrew',
  'Devanagari',
  'Hangul',
  'Thai',
  'Bengali',
].map((name) => new RegExp(`\\p{Script=${name}}`, 'u'))

const known = new Map<string, Script>()

/**
 * Whether a piece may have these two letters side by side: those of one script, of which digits and signs have one of
 * their own. A space stands first or not at all.
 */
export function mayJoin(a: string, b: string): boolean {
  if (b === wordMark) return false
  if (a === wordMark) return true
  const [x, y] = [scriptOf(a), scriptOf(b)]
  return x === y || x === 'any' || y === 'any'
}

type Script = number | 'any' | 'shared' | 'han'

function scriptOf(letter: string): Script {
  const script = known.get(letter) ?? find(letter)
  known.set(letter, script)
  return script
}

function find(letter: string): Script {
  if (inherited.test(letter)) return 'any'
  if (han.test(letter)) return 'han'
  return shared.test(letter) ? 'shared' : others.findIndex((script) => script.test(letter))
}

import { checkOptions, EspalierError } from '@espalier/data'
import { endOfSpace, endOfWord, isSpace } from './characters.js'
import { detached } from './detached.js'
import { PhraseTree } from './phrase-tree.js'
import { type Exceptions, englishExceptions, hasSigns, splitChunk } from './spacy-chunks.js'
import { specialTokens } from './special-tokens.js'
import type { TextTokenizer } from './text-tokenizer.js'

/** How words are told. */
export interface WordTokenizerOptions {
  /** Default `'en'`, the one that there is. */
  readonly lang?: 'en'
  /** Tokens that are never divided. Default {@link specialTokens}. */
  readonly specialTokens?: readonly string[]
}

/** What stands between white space, divided; and which of its tokens may begin an exception. */
interface Chunk {
  readonly tokens: readonly string[]
  readonly begins: readonly number[]
}

/** So many chunks are remembered, of at most so many characters. */
const remembered = 200_000
const longestRemembered = 64

/**
 * Divides texts into words and signs as spaCy's English tokenizer does, which fastai uses (its `WordTokenizer`).
 *
 * @example
 * wordTokenizer().split("It isn't 3km away.") // ['It', 'is', "n't", '3', 'km', 'away', '.']
 */
export function wordTokenizer(options: WordTokenizerOptions = {}): TextTokenizer {
  checkOptions('wordTokenizer', options, ['lang', 'specialTokens'])
  const { lang = 'en', specialTokens: special = specialTokens } = options
  if (lang !== 'en') {
    throw new EspalierError('tokenizer/lang', `wordTokenizer knows no language '${lang}'`, {
      fix: "use lang: 'en', or subwordTokenizer() for other languages",
    })
  }
  const exceptions: Exceptions = new Map([...englishExceptions, ...special.map((t) => [t, [t]] as const)])
  const tree = new PhraseTree(phrases(exceptions))
  const chunks = new Map<string, Chunk>()

  const chunkOf = (part: string): Chunk => {
    const known = chunks.get(part)
    if (known) return known
    const text = detached(part)
    const tokens = exceptions.get(text) ?? splitChunk(text, exceptions)
    const chunk = { tokens, begins: [...tokens.keys()].filter((i) => tree.begins(tokens[i]!)) }
    if (text.length > longestRemembered) return chunk
    if (chunks.size >= remembered) chunks.clear()
    chunks.set(text, chunk)
    return chunk
  }

  return {
    name: 'wordTokenizer',
    toJSON: () => ({ lang, ...(special !== specialTokens && { specialTokens: special }) }),
    split(text) {
      const tokens: string[] = []
      const starts: number[] = []
      const ends: number[] = []
      for (const piece of chunksOf(text)) {
        const chunk = chunkOf(piece)
        for (const at of chunk.begins) {
          starts.push(tokens.length + at)
          ends.push(tokens.length + chunk.tokens.length)
        }
        for (const token of chunk.tokens) tokens.push(token)
      }
      return tree.merged(tokens, starts, ends)
    },
  }
}

/** Words, and the white space between them but for the one space that always may be there. */
function* chunksOf(text: string): Generator<string> {
  for (let at = 0; at < text.length; ) {
    const space = isSpace(text.charCodeAt(at))
    const end = space ? endOfSpace(text, at) : endOfWord(text, at)
    yield text.slice(at, end)
    at = text[end] === ' ' ? end + 1 : end
  }
}

/** The exceptions that signs may have torn apart, each as it is divided without knowing it. */
function phrases(exceptions: Exceptions): (readonly [phrase: readonly string[], meant: readonly string[]])[] {
  const none: Exceptions = new Map()
  return [...exceptions]
    .filter(([text]) => hasSigns(text))
    .map(([text, meant]) => [splitChunk(text, none), meant])
}

import { EspalierError, type Json, listed } from '@espalier/data'
import { baseTokenizer } from './base-tokenizer.js'
import { subwordTokenizer } from './subwords/subword-tokenizer.js'
import type { TextTokenizer } from './text-tokenizer.js'
import { wordTokenizer } from './word-tokenizer.js'

/** A tokenizer as data: what exported models and worker threads know it by. */
export interface TokenizerSpec {
  readonly name: string
  readonly options: { readonly [key: string]: Json }
}

const makers = { wordTokenizer, baseTokenizer, subwordTokenizer } as unknown as Readonly<
  Record<string, (options: TokenizerSpec['options']) => TextTokenizer>
>

/** The tokenizer that a spec describes. */
export function makeTokenizer({ name, options }: TokenizerSpec): TextTokenizer {
  const make = Object.hasOwn(makers, name) ? makers[name] : undefined
  if (make) return make(options)
  throw new EspalierError('tokenizer/unknown', `there is no tokenizer '${name}'`, {
    fix: `there are ${listed(Object.keys(makers))}`,
  })
}

/** What is needed to make a tokenizer again; undefined where it does not say, or is not one of this package. */
export function tokenizerSpec(tok: TextTokenizer): TokenizerSpec | undefined {
  const options = Object.hasOwn(makers, tok.name) ? tok.toJSON?.() : undefined
  return options && { name: tok.name, options }
}

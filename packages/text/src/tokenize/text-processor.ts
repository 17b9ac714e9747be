import { checkOptions, EspalierError, type Json } from '@espalier/data'
import { makeTokenizer, type TokenizerSpec, tokenizerSpec } from './make-tokenizer.js'
import { defaultPostRules, defaultRules, type TextRule, textRules } from './rules.js'
import type { TextTokenizer } from './text-tokenizer.js'
import { wordTokenizer } from './word-tokenizer.js'

/** How texts become tokens. */
export interface TextProcessorOptions {
  /** Default {@link wordTokenizer}. */
  readonly tok?: TextTokenizer
  /** What is done to a text before. Default: {@link defaultRules}. */
  readonly rules?: readonly TextRule[]
  /** What is done to each token after. Default: {@link defaultPostRules}. */
  readonly postRules?: readonly TextRule[]
}

/** A processor as data. */
export interface TextProcessorSpec {
  readonly tok: TokenizerSpec
  readonly rules: readonly string[]
  readonly postRules: readonly string[]
}

/** Rules, a tokenizer, rules (fastai's `TokenizeWithRules`). */
export class TextProcessor {
  readonly tok: TextTokenizer
  readonly rules: readonly TextRule[]
  readonly postRules: readonly TextRule[]

  constructor(options: TextProcessorOptions = {}) {
    checkOptions('the tokenizer', options, ['tok', 'rules', 'postRules'])
    this.tok = options.tok ?? wordTokenizer()
    const suited = this.tok.rules?.map((name) => textRules[name]!)
    this.rules = options.rules ?? suited ?? defaultRules
    this.postRules = options.postRules ?? defaultPostRules
  }

  /** The processor that a spec describes. */
  static of({ tok, rules, postRules }: TextProcessorSpec): TextProcessor {
    return new TextProcessor({
      tok: makeTokenizer(tok),
      rules: rules.map(rule),
      postRules: postRules.map(rule),
    })
  }

  /** A text after the rules. */
  prepare(text: string): string {
    return this.rules.reduce((t, f) => f(t), text)
  }

  /** The tokens of a text. */
  tokens(text: string): string[] {
    return this.#finish(this.tok.split(this.prepare(text)))
  }

  /** The processor as data; undefined where a rule or the tokenizer is not one of this package. */
  spec(): TextProcessorSpec | undefined {
    const tok = tokenizerSpec(this.tok)
    const [rules, postRules] = [names(this.rules), names(this.postRules)]
    return tok && rules && postRules && { tok, rules, postRules }
  }

  #finish(tokens: string[]): string[] {
    if (this.postRules === defaultPostRules && !tokens.some((t) => t.includes(' '))) return tokens
    return tokens.map((token) => this.postRules.reduce((t, f) => f(t), token))
  }
}

function rule(name: string): TextRule {
  const found = Object.hasOwn(textRules, name) ? textRules[name] : undefined
  if (found) return found
  throw new EspalierError('tokenizer/rule', `there is no rule '${name}' for texts`)
}

function names(rules: readonly TextRule[]): string[] | undefined {
  const found = rules.map((r) => Object.keys(textRules).find((name) => textRules[name] === r))
  return found.includes(undefined) ? undefined : (found as string[])
}

/** A spec as plain data. */
export const asJson = (spec: TextProcessorSpec) => spec as unknown as { readonly [key: string]: Json }

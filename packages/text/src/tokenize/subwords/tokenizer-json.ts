import type { Json } from '@espalier/data'
import { UNK } from '../special-tokens.js'
import type { Bpe } from './train-bpe.js'
import type { Unigram } from './train-unigram.js'
import { wordMark } from './training.js'

/** What a `tokenizer.json` holds. */
export type TokenizerJson = { readonly [key: string]: Json }

/** Byte-pair encoding in the format of Hugging Face. */
export function jsonOfBpe({ vocab, merges }: Bpe, special: readonly string[]): TokenizerJson {
  return around(special, {
    ...{ type: 'BPE', dropout: null, unk_token: special.includes(UNK) ? UNK : null, fuse_unk: true },
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    byte_fallback: false,
    vocab: Object.fromEntries(vocab.map((token, id) => [token, id])),
    merges,
  })
}

/** A unigram model in the format of Hugging Face. */
export function jsonOfUnigram({ vocab }: Unigram, special: readonly string[]): TokenizerJson {
  return around(special, {
    type: 'Unigram',
    unk_id: special.includes(UNK) ? special.indexOf(UNK) : null,
    byte_fallback: false,
    vocab,
  })
}

/** Spaces become marks, words are divided, special tokens stay whole. */
function around(special: readonly string[], model: Json): TokenizerJson {
  const metaspace = { type: 'Metaspace', replacement: wordMark, prepend_scheme: 'always', split: true }
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special.map((content, id) => ({
      ...{ id, content, single_word: true, lstrip: true, rstrip: false, normalized: false, special: false },
    })),
    normalizer: { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
    pre_tokenizer: metaspace,
    post_processor: null,
    decoder: metaspace,
    model,
  }
}

import { describe, expect, it } from 'vitest'
import { subwordTokenizer } from '../tokenize/subwords/subword-tokenizer.js'
import { Speech } from './speech.js'

const said = (tokens: string, words: ConstructorParameters<typeof Speech>[0] = {}, raw = false) => {
  const speech = new Speech(words, raw)
  return tokens.split(' ').map((token) => speech.say(token))
}

describe('Speech', () => {
  it('says words as they come, and waits for what is announced', () => {
    expect(said('xxmaj it is')).toEqual(['', ' It', ' is'])
    expect(said('so xxrep 4 ! xxup ok xxmaj')).toEqual([' so', '', '', ' !!!!', '', ' OK', ''])
    expect(said('xxwrep 2 no no')).toEqual(['', '', ' no no', ' no'])
    expect(said('xxrep no way')).toEqual(['', '', ' way'])
    expect(said('xxmaj it', {}, true)).toEqual([' xxmaj', ' it'])
  })

  it('puts parts of words together, of its own subwords and of others', () => {
    const own = subwordTokenizer()
    expect(said('xxmaj ▁mov ing ▁on !', own)).toEqual(['', ' Mov', 'ing', ' on', '!'])
    expect(said('xxup ▁mov ing ▁on xxrep ▁3 ▁! ▁a', own)).toEqual([
      '',
      ' MOV',
      'ING',
      ' on',
      '',
      '',
      ' !!!',
      ' a',
    ])
    const pieces = subwordTokenizer({
      tokenizer: {
        added_tokens: [],
        normalizer: null,
        pre_tokenizer: { type: 'Whitespace' },
        post_processor: null,
        decoder: { type: 'WordPiece', prefix: '##', cleanup: false },
        model: {
          ...{ type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##' },
          vocab: { '[UNK]': 0, mov: 1, '##ing': 2, on: 3 },
        },
      },
    })
    expect(said('mov ##ing on', pieces)).toEqual([' mov', 'ing', ' on'])
  })
})

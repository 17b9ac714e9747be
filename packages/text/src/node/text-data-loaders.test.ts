import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { gzipSync } from 'node:zlib'
import {
  type Batch,
  categoryBlock,
  type DataLoader,
  dataBlock,
  indexSplitter,
  type NdArray,
} from '@espalier/data'
import { afterAll, beforeAll, beforeEach, describe, expect, expectTypeOf, it, vi } from 'vitest'
import {
  baseTokenizer,
  encodeText,
  type SubwordTokenizer,
  subwordTokenizer,
  TextProcessor,
  TokenizedText,
  textBlock,
  textVocab,
  wordTokenizer,
} from '../index.js'
import { TextDataLoaders } from './text-data-loaders.js'
import { tokenizeCsv } from './tokenize-csv.js'
import { tokenizeFiles, tokenizeTexts } from './tokenize-texts.js'

const folder = mkdtempSync(join(tmpdir(), 'texts-'))
afterAll(() => rmSync(folder, { recursive: true }))

const good = ['I liked it very much', 'A GREAT film, really', 'lovely, lovely, it was good', 'good film']
const bad = ['I hated it', 'BAD film, really bad', 'it was awful and bad and long', 'no no no good']
const rows = good.flatMap((text, i) => [
  { text, label: 'pos' },
  { text: bad[i]!, label: 'neg' },
])

beforeAll(() => {
  for (const [part, from, to] of [
    ['train', 0, 3],
    ['valid', 3, 4],
  ] as const) {
    for (const [label, texts] of Object.entries({ pos: good, neg: bad })) {
      mkdirSync(join(folder, 'imdb', part, label), { recursive: true })
      for (let i = from; i < to; i++) writeFileSync(join(folder, 'imdb', part, label, `${i}.txt`), texts[i]!)
    }
  }
  const csv = ['text,label,is_valid', ...rows.map((r, i) => `"${r.text}",${r.label},${i > 5}`)].join('\n')
  writeFileSync(join(folder, 'texts.csv'), csv)
  writeFileSync(join(folder, 'texts.csv.gz'), gzipSync(csv))
})

async function all(dl: DataLoader): Promise<Batch[]> {
  const batches: Batch[] = []
  for await (const batch of dl.batches()) batches.push(batch)
  return batches
}

describe('TextDataLoaders', () => {
  it('fromDf: texts and labels of rows, padded in chunks', async () => {
    const dls = await TextDataLoaders.fromDf(rows, {
      textCol: 'text',
      labelCol: 'label',
      bs: 2,
      seqLen: 4,
      minFreq: 1,
    })
    const { arrays } = await dls.oneBatch()
    expectTypeOf(arrays).toEqualTypeOf<readonly [NdArray<'int32'>, NdArray<'int32'>]>()
    expect([arrays[0].dtype, arrays[0].shape[0]]).toEqual(['int32', 2])
    expect(arrays[0].shape[1]).toBeGreaterThan(4)
    expect(arrays[1]).toMatchObject({ dtype: 'int32', shape: [2] })
    expect(dls.vocab).toEqual(['neg', 'pos'])
    expect(textVocab(dls)).toContain('film')
    const shown = await dls.showBatch({ maxN: 2, valid: true }).toText()
    expect(shown).toContain('xxbos')
    expect(shown).not.toContain('xxpad')
    expect([...encodeText(dls, 'Good zebra')]).toEqual(
      ['xxbos', 'xxmaj', 'good', 'xxunk'].map((t) => textVocab(dls).indexOf(t)),
    )
    for (const items of [
      ['a good film', 'bad'],
      [{ text: 'a good film' }, { text: 'bad' }],
    ]) {
      const [test] = await all(dls.testDl(items))
      expect(test!.arrays[0]!.shape).toEqual([2, 4])
    }
  })

  it('fromDf with isLm: a stream of tokens, and those that come next', async () => {
    const dls = await TextDataLoaders.fromDf(rows, {
      isLm: true,
      bs: 2,
      seqLen: 3,
      minFreq: 1,
      validPct: 0.5,
    })
    const batches = await all(dls.train)
    const [x, y] = batches[0]!.arrays
    expect([x!.shape, y!.shape]).toEqual([
      [2, 3],
      [2, 3],
    ])
    expect([...x!.data.subarray(1, 3)]).toEqual([...y!.data.subarray(0, 2)])
    expect(dls.vocab.slice(0, 3)).toEqual(['xxunk', 'xxpad', 'xxbos'])
    expect(dls.c).toBe(dls.vocab.length)
    expect(await dls.showBatch({ maxN: 1 }).toText()).toMatch(/text\s+next\n/)
    expect(dls.with({ bs: 3 }).train.options.bs).toBe(3)
  })

  it('fromFolder: the folders say labels and parts; the vocabulary of another can be used', async () => {
    const lm = await TextDataLoaders.fromFolder(join(folder, 'imdb'), {
      isLm: true,
      bs: 2,
      seqLen: 3,
      minFreq: 1,
    })
    const dls = await TextDataLoaders.fromFolder(join(folder, 'imdb'), { vocab: lm.vocab, bs: 2 })
    expect(textVocab(dls)).toBe(lm.vocab)
    expect([dls.train.n, dls.valid.n, dls.vocab]).toEqual([6, 2, ['neg', 'pos']])
    const found = (await all(dls.valid)).flatMap((b) => [...b.arrays[1]!.data])
    expect(found.sort()).toEqual([0, 1])
    await expect(TextDataLoaders.fromFolder(join(folder, 'imdb'), { valid: 'test' })).rejects.toThrow(
      'no text lies under',
    )
    const random = await TextDataLoaders.fromFolder(join(folder, 'imdb'), { validPct: 0.5, bs: 2 })
    expect(random.valid.n).toBe(4)
  })

  it('fromCsv: the same while the file is read, packed or not', async () => {
    for (const csvFname of ['texts.csv', 'texts.csv.gz']) {
      const dls = await TextDataLoaders.fromCsv(folder, { csvFname, validCol: 'is_valid', bs: 2, minFreq: 1 })
      expect([dls.train.n, dls.valid.n, dls.vocab]).toEqual([6, 2, ['neg', 'pos']])
      expect(textVocab(dls)).toContain('film')
    }
    await expect(TextDataLoaders.fromCsv(folder, { csvFname: 'none.csv' })).rejects.toThrow('none.csv')
  })

  it('the same texts give the same batches, however they are read', async () => {
    const splitter = indexSplitter([6, 7])
    const options = { minFreq: 1, bs: 2, splitter } as const
    const direct = dataBlock({
      blocks: [textBlock({ minFreq: 1 }), categoryBlock()],
      getItems: (source: typeof rows) => source,
      getX: (row: (typeof rows)[number]) => row.text,
      getY: (row) => row.label,
      splitter,
    })
    const first = await all((await TextDataLoaders.fromDblock(direct, rows, { bs: 2 })).train)
    expect(await all((await TextDataLoaders.fromDf(rows, options)).train)).toEqual(first)
    const cache = join(folder, 'cache-rows')
    for (let i = 0; i < 2; i++)
      expect(await all((await TextDataLoaders.fromDf(rows, { ...options, cache })).train)).toEqual(first)
    const csv = await TextDataLoaders.fromCsv(folder, { ...options, csvFname: 'texts.csv', cache })
    expect(await all(csv.train)).toEqual(first)
  })

  it('a tokenizer learns from the texts that train alone, however they are read', async () => {
    const splitter = indexSplitter([6, 7])
    const learnt = () => subwordTokenizer({ vocabSz: 40 })
    const options = (tok: SubwordTokenizer) => ({ tok, minFreq: 1, bs: 2, splitter }) as const
    const own = learnt()
    own.train(rows.slice(0, 6).map((row) => new TextProcessor({ tok: own }).prepare(row.text)))
    const direct = dataBlock({
      blocks: [textBlock({ tok: learnt(), minFreq: 1 }), categoryBlock()],
      getItems: (source: typeof rows) => source,
      getX: (row: (typeof rows)[number]) => row.text,
      getY: (row) => row.label,
      splitter,
    })
    const first = await all((await TextDataLoaders.fromDblock(direct, rows, { bs: 2 })).train)
    const cache = join(folder, 'cache-subwords')
    const ways = [
      (tok: SubwordTokenizer) => TextDataLoaders.fromDf(rows, options(tok)),
      (tok: SubwordTokenizer) => TextDataLoaders.fromDf(rows, { ...options(tok), cache }),
      (tok: SubwordTokenizer) =>
        TextDataLoaders.fromCsv(folder, { ...options(tok), csvFname: 'texts.csv', cache }),
    ]
    for (const way of ways) {
      const tok = learnt()
      expect(await all((await way(tok)).train)).toEqual(first)
      expect(tok.tokenizer).toEqual(own.tokenizer)
    }
    const tok = learnt()
    const read = { tok, bs: 2, minFreq: 1, cache }
    const dls = await TextDataLoaders.fromFolder(join(folder, 'imdb'), read)
    expect([dls.train.n, dls.valid.n, tok.trained]).toEqual([6, 2, true])
  })
})

describe('tokenizeTexts', () => {
  const tokensOf = (source: ConstructorParameters<typeof TokenizedText>[0]) =>
    Array.from({ length: source.length }, (_, i) => new TokenizedText(source, i).tokens())
  const many = Array.from({ length: 600 }, (_, i) => `${rows[i % 8]!.text} ${'so it goes '.repeat(80)} w${i}`)

  it('threads give what one gives, in the order of the texts', async () => {
    const alone = await tokenizeTexts(many, { workers: 0 })
    const threads = await tokenizeTexts(many, { workers: 2 })
    expect(threads.words).toEqual(alone.words)
    expect(tokensOf(threads)).toEqual(tokensOf(alone))
    async function* stream() {
      yield* many.slice(0, 3)
    }
    expect(tokensOf(await tokenizeTexts(stream()))).toEqual(tokensOf(alone).slice(0, 3))
  })

  it('what is kept of texts does not keep the texts', async () => {
    setFlagsFromString('--expose-gc')
    const gc = runInNewContext('gc') as () => void
    const heap = () => {
      gc()
      return process.memoryUsage().heapUsed / 1e6
    }
    async function* texts() {
      for (let i = 0; i < 100; i++) yield `averylongwordindeed${i} ${'abc def '.repeat(15_000)}`
    }
    const subwords = subwordTokenizer({ vocabSz: 40 })
    for (const tok of [wordTokenizer(), baseTokenizer(), subwords]) {
      if (tok === subwords) await subwords.trainFrom(texts())
      else
        await tokenizeTexts(
          rows.map((row) => row.text),
          { tok, workers: 0 },
        )
      const before = heap()
      const { length } = await tokenizeTexts(texts(), { tok, workers: 0 })
      expect([length, heap() - before < 4]).toEqual([100, true]) // of 12 MB
    }
  })

  it.each([0, 1, 2])('files give what their texts give, with %i threads', async (workers) => {
    const files = many.map((text, i) => {
      const file = join(folder, `many-${i}.txt`)
      writeFileSync(file, text)
      return file
    })
    const alone = await tokenizeTexts(many, { workers: 0 })
    expect(alone.words.slice(0, 1)).toEqual(['xxbos'])
    const read = await tokenizeFiles(files, { workers })
    expect(read.words).toEqual(alone.words)
    expect(tokensOf(read)).toEqual(tokensOf(alone))
  })

  describe('keeps tokens', () => {
    const cache = join(folder, 'cache')
    beforeEach(() => rmSync(cache, { recursive: true, force: true }))
    const only = () => join(cache, readdirSync(cache)[0]!)

    it('under what they were made from and how, and finds them again', async () => {
      const made = await tokenizeTexts(bad, { cache })
      const { mtimeMs } = statSync(only())
      expect(tokensOf(await tokenizeTexts(bad, { cache }))).toEqual(tokensOf(made))
      expect(statSync(only()).mtimeMs).toBe(mtimeMs)
      await tokenizeTexts([...bad, 'more'], { cache })
      await tokenizeTexts(bad, { cache, rules: [] })
      expect(readdirSync(cache)).toHaveLength(3)
    })

    it('and makes them again where they are damaged', async () => {
      const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
      const made = tokensOf(await tokenizeTexts(bad, { cache }))
      const whole = readFileSync(only())
      const flipped = Buffer.from(whole)
      flipped[5]! ^= 1
      for (const damaged of [whole.subarray(0, -3), Buffer.alloc(0), flipped, whole.subarray(8)]) {
        writeFileSync(only(), damaged)
        expect(tokensOf(await tokenizeTexts(bad, { cache }))).toEqual(made)
        expect(readFileSync(only()).equals(whole)).toBe(true)
      }
      expect(warned).toHaveBeenCalledTimes(4)
      warned.mockRestore()
    })

    it('not of files that changed meanwhile, nor of half the texts', async () => {
      const file = join(folder, 'a.txt')
      writeFileSync(file, 'first')
      const [before] = tokensOf(await tokenizeFiles([file], { cache }))
      writeFileSync(file, 'second')
      const [after] = tokensOf(await tokenizeFiles([file], { cache }))
      expect([before!.at(-1), after!.at(-1)]).toEqual(['first', 'second'])
      rmSync(cache, { recursive: true })
      await expect(tokenizeTexts(['a', 7 as never], { cache })).rejects.toThrow('text 1 is number 7')
      await expect(tokenizeFiles([file, join(folder, 'no.txt')], { cache })).rejects.toThrow("no.txt'")
      expect(() => readdirSync(cache)).toThrow('ENOENT')
      const own = { name: 'own', split: (t: string) => [t] }
      await expect(tokenizeTexts(bad, { cache, tok: own })).rejects.toThrow('cannot be kept')
    })
  })
})

describe('bad input', () => {
  const file = (name: string, bytes: Uint8Array | string) => {
    writeFileSync(join(folder, name), bytes)
    return join(folder, name)
  }
  const options = { textCol: 'text', labelCol: 'label', bs: 2 } as const

  it('empty texts are texts: they have their beginning', async () => {
    const dls = await TextDataLoaders.fromDf([...rows, { text: '', label: 'neg' }], {
      ...options,
      minFreq: 1,
    })
    expect([...encodeText(dls, '')]).toEqual([2])
  })

  it('NUL and other controls are characters like others', async () => {
    const [tokens] = await Promise.all([tokenizeTexts(['a\0b \0'])])
    expect(new TokenizedText(tokens, 0).tokens()).toEqual(['xxbos', 'a\0b', '\0'])
  })

  it('only unseen words are unknown words', async () => {
    const dls = await TextDataLoaders.fromDf(rows, { ...options, vocab: ['xxunk', 'xxpad', 'xxbos'] })
    expect(new Set(encodeText(dls, 'zebra crossing'))).toEqual(new Set([2, 0]))
  })

  it('one token of 10 MB is one token', async () => {
    const tokens = await tokenizeFiles([file('huge.txt', 'x'.repeat(10_000_000).replace('xxx', 'yzw'))])
    expect(tokens.lens[0]).toBeLessThan(8)
  })

  it.each([
    [
      'bytes that are no UTF-8',
      () => tokenizeFiles([file('bad.txt', Uint8Array.of(0x61, 0xff, 0x62))]),
      /bad\.txt' is no text in utf-8/,
    ],
    [
      'a table with such bytes',
      () => tokenizeCsv(file('bad.csv', Uint8Array.of(0x74, 0x0a, 0xff, 0x0a)), 0),
      /bad\.csv' is no text/,
    ],
    ['a row too long', () => tokenizeCsv(file('row.csv', 'text,label\na,b\nc,d,e\n'), 'text'), /row\.csv/],
    ['a quote without end', () => tokenizeCsv(file('quote.csv', 'text,label\n"a,b\n'), 'text'), /quote\.csv/],
    [
      'a column that is not there',
      () => TextDataLoaders.fromDf(rows, { ...options, textCol: 'body' }),
      /the columns are text, label/,
    ],
    ['a label that is missing', () => TextDataLoaders.fromDf([...rows, { text: 'x' }], options), /label/],
    [
      'a text that is missing',
      () => TextDataLoaders.fromDf([...rows, { text: null, label: 'x' }], options),
      /the text in column 'text' is null/,
    ],
    ['no rows', () => TextDataLoaders.fromDf([], options), /takes a list of rows, got none/],
    [
      'a misspelt option',
      () => TextDataLoaders.fromDf(rows, { ...options, min_freq: 2 } as never),
      /did you mean minFreq/,
    ],
    [
      'too few texts for a batch',
      () => TextDataLoaders.fromDf(rows, { ...options, bs: 64 }),
      /cannot be filled from/,
    ],
    [
      'too few tokens for the rows',
      () => TextDataLoaders.fromDf(rows, { isLm: true, bs: 640 }),
      /tokens cannot fill 640 rows/,
    ],
    [
      'one class',
      () =>
        TextDataLoaders.fromDf(
          rows.map((r) => ({ ...r, label: 'pos' })),
          options,
        ),
      /all training items have the label 'pos'/,
    ],
  ])('%s', async (_, make, message) => {
    await expect(make() as Promise<unknown>).rejects.toThrow(message)
  })

  it('another encoding can be named', async () => {
    const tokens = await tokenizeFiles([file('latin.txt', Uint8Array.of(0x63, 0xe9))], { encoding: 'latin1' })
    expect(new TokenizedText(tokens, 0).tokens()).toEqual(['xxbos', 'cé'])
  })
})

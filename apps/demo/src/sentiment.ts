import { readFile } from 'node:fs/promises'
import { accuracy, lrSlice, Table } from '@espalier/core'
import * as text from '@espalier/text'
import type { Demo } from './demo.js'
import { languageModelOf } from './language-model-of.js'
import { unpackedFile } from './unpacked-file.js'

const { awdLstm, awdLstmClasConfig, TextDataLoaders, textClassifierLearner } = text
/** The last group at a rate, each before it at less: not much less, for this language model has seen little. */
const falling = (top: number) => lrSlice(top / 2.6, top)

export const sentiment: Demo = {
  about: 'whether reviews like a film: a language model, tuned to reviews, becomes a classifier (ULMFiT)',
  async run({ data, out, small = false }) {
    const sizes = small ? { embSz: 48, nHid: 96, nLayers: 2 } : { embSz: 200, nHid: 400, nLayers: 2 }
    const reviews: text.CsvRow[] = []
    const csv = await unpackedFile(data, { file: 'imdb_10k.csv.gz' })
    for await (const row of text.csvRows(csv)) reviews.push(row)
    const some = reviews.filter((_, i) => i % (small ? 40 : 2) === 0)
    const wiki = await readFile(await unpackedFile(data, { file: 'wikitext2_test.txt.gz' }), 'utf8')
    const articles = wiki.split(/\n(?= = [^=])/).map((article) => ({ text: article }))

    const encoder = (of: string) => `${out}/${of}.safetensors`
    const first = { sizes, encoder: encoder('wikipedia'), epochs: small ? 1 : 3 }
    const wikipedia = await languageModelOf(small ? articles.slice(0, 20) : articles, first)
    const second = { sizes, from: first.encoder, encoder: encoder('reviews'), epochs: small ? 1 : 3 }
    const tuned = await languageModelOf(some, second)

    const columns = { textCol: 'text', labelCol: 'label', validCol: 'is_valid' }
    const dls = await TextDataLoaders.fromDf(some, { ...columns, vocab: tuned.vocab, bs: 16 })
    const options = { config: { ...awdLstmClasConfig, ...sizes }, metrics: [accuracy] }
    using learn = await textClassifierLearner(dls, awdLstm, options)
    await learn.loadEncoder(second.encoder)
    await learn.fitOneCycle(1, 1e-2)
    learn.freezeTo(-2)
    await learn.fitOneCycle(1, falling(5e-3))
    learn.unfreeze()
    await learn.fitOneCycle(small ? 1 : 3, falling(5e-3))
    using scratch = await textClassifierLearner(dls, awdLstm, options)
    await scratch.fitOneCycle(small ? 3 : 5, 5e-3)

    const [found = 0, alone = 0] = [learn, scratch].map(({ recorder }) => recorder.values.at(-1)?.[2])
    const rows = [
      ['language model of Wikipedia', 'perplexity', wikipedia.found],
      ['language model of reviews', 'perplexity', tuned.found],
      ['classifier on top of it', 'accuracy', found],
      ['the same from scratch', 'accuracy', alone],
    ]
    console.log(new Table(['stage', 'measure', 'value'], rows).toText())
    for (const { text: review = '' } of some.filter((row) => row['is_valid'] === 'True').slice(0, 3))
      console.log((await text.attributeText(learn, review.slice(0, 400))).text.toANSI())
    await learn.export(`${out}/model`)
    const verdict = `accuracy ${found.toFixed(3)}, from scratch ${alone.toFixed(3)}`
    return { text: verdict, ok: small ? found > 0.4 : found > alone && found >= 0.7 }
  },
}

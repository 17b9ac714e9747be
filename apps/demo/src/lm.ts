import { readFile } from 'node:fs/promises'
import { accuracy, perplexity } from '@espalier/core'
import { awdLstm, awdLstmLmConfig, languageModelLearner, TextDataLoaders } from '@espalier/text'
import type { Demo } from './demo.js'
import { unpackedFile } from './unpacked-file.js'

const shakespeare = {
  file: 'tinyshakespeare.txt.gz',
  url: 'https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt',
  sha256: '86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed',
}
/** Half of the layers and of their sizes: minutes instead of an hour. */
const config = { ...awdLstmLmConfig, embSz: 200, nHid: 400, nLayers: 2 }
/** How many speeches are read as one text. */
const scene = 30

export const lm: Demo = {
  about: 'Shakespeare, a word at a time: an AWD-LSTM language model, and what it goes on to say',
  async run({ data, out, small = false }) {
    const speeches = (await readFile(await unpackedFile(data, shakespeare), 'utf8')).split('\n\n')
    const scenes = Array.from({ length: Math.ceil(speeches.length / scene) }, (_, i) => ({
      text: speeches.slice(i * scene, (i + 1) * scene).join('\n\n'),
      isValid: i % 10 === 9,
    })).filter((_, i) => !small || i < 30)
    const dls = await TextDataLoaders.fromDf(scenes, {
      isLm: true,
      textCol: 'text',
      validCol: 'isValid',
      bs: small ? 8 : 32,
      seqLen: small ? 36 : 72,
    })
    console.log(`${dls.vocab.length} words; ${dls.train.length} batches an epoch`)
    console.log(await dls.showBatch({ maxN: 2 }).toText())

    using learn = await languageModelLearner(dls, awdLstm, {
      ...(small ? { config: { ...config, embSz: 64, nHid: 128 } } : { config }),
      dropMult: 0.6,
      metrics: [accuracy, perplexity()],
    })
    await learn.fitOneCycle(small ? 2 : 8, 1e-2)
    await learn.recorder.plotLoss().save(`${out}/loss.png`)
    const { perplexity: found = Number.NaN } = await learn.validate()

    process.stdout.write('\nROMEO: ')
    for await (const word of learn.generate('ROMEO:', { words: 60, temperature: 0.8, topK: 50 }))
      process.stdout.write(word)
    await learn.export(`${out}/model`)
    console.log(`\n\nwrote ${out}/model and ${out}/loss.png`)
    const most = small ? 60 : 45
    return { text: `perplexity ${found.toFixed(1)}, at most ${most}`, ok: found <= most }
  },
}

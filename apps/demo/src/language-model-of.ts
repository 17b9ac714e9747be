import { perplexity } from '@espalier/core'
import { awdLstm, awdLstmLmConfig, languageModelLearner, TextDataLoaders } from '@espalier/text'

/** How large a model of some texts is, where its encoder goes, and whose weights it begins with. */
interface Stage {
  readonly sizes: { readonly embSz: number; readonly nHid: number; readonly nLayers: number }
  readonly encoder: string
  readonly from?: string
  readonly epochs: number
}

/** Trains a language model on texts and keeps its encoder; tells how well it does, and the words it knows. */
export async function languageModelOf(texts: readonly object[], { sizes, encoder, from, epochs }: Stage) {
  const bs = sizes.embSz < 100 ? 8 : 64
  const dls = await TextDataLoaders.fromDf(texts, {
    isLm: true,
    textCol: 'text',
    validPct: 0.1,
    bs,
    maxVocab: 10_000,
  })
  const config = { ...awdLstmLmConfig, ...sizes }
  using learn = await languageModelLearner(dls, awdLstm, { config, dropMult: 0.3, metrics: [perplexity()] })
  if (from) {
    await learn.loadEncoder(from, { vocab: 'match' })
    await learn.fitOneCycle(1, 1e-2) // The decoder, and the words that are new.
    learn.unfreeze()
  }
  await learn.fitOneCycle(epochs, 1e-2)
  await learn.saveEncoder(encoder)
  return { vocab: dls.vocab, found: (await learn.validate())['perplexity'] ?? Number.NaN }
}

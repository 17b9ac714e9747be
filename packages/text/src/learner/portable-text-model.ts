import { registerPart, withoutInit } from '@espalier/core'
import { EspalierError, type Json, type Portable } from '@espalier/data'
import { archOf } from '../models/archs.js'
import { getLanguageModel, type LanguageModelOptions } from '../models/get-language-model.js'
import { getTextClassifier, type TextClassifierOptions } from '../models/get-text-classifier.js'
import type { TextArch } from '../models/text-arch.js'
import type { SequentialRnn } from '../nn/sequential-rnn.js'

const name = 'textModel'

/** What a bundle says of a model of texts: which layers make it again. */
export type DescribedText =
  | {
      readonly kind: 'language'
      readonly arch: string
      readonly vocabSz: number
      readonly options: LanguageModelOptions
    }
  | {
      readonly kind: 'classifier'
      readonly arch: string
      readonly vocabSz: number
      readonly nOut: number
      readonly options: TextClassifierOptions
    }

/** How a model of texts is written into an exported bundle. */
export function portableTextModel(arch: TextArch, described: DescribedText): Portable {
  if (archOf(arch.name) === arch) {
    const options = JSON.parse(JSON.stringify(described)) as { readonly [key: string]: Json }
    return { name, toJSON: () => options }
  }
  const why = `its architecture '${arch.name}' is not one of Espalier's`
  return { name, untold: { why, fix: 'use awdLstm or awdQrnn, or give portable of your own' } }
}

/** Makes the layers of a described model; the weights are loaded into them next. */
function makeTextModel(described: DescribedText): SequentialRnn {
  const arch = archOf(described.arch)
  if (!arch) throw new EspalierError('bundle/arch', `there is no architecture '${described.arch}'`)
  const { vocabSz, options } = described
  checkSize(vocabSz, described.kind === 'classifier' ? described.nOut : 1, options.config)
  return withoutInit(() =>
    described.kind === 'language'
      ? getLanguageModel(arch, vocabSz, options)
      : getTextClassifier(arch, vocabSz, described.nOut, options),
  )
}

/** Lets bundles name models of texts. */
export function registerTextModel(): void {
  registerPart('model', name, makeTextModel)
}

/** The sizes come from a file: none may ask for more memory than a model of texts can need. */
function checkSize(vocabSz: number, nOut: number, config: LanguageModelOptions['config'] = {}): void {
  const { embSz = 400, nHid = 1152, nLayers = 3 } = config
  const fits = [vocabSz, nOut, embSz, nHid, nLayers].every((n) => Number.isInteger(n) && n >= 1)
  const numbers = vocabSz * embSz + nLayers * 4 * (embSz + nHid) * Math.max(embSz, nHid)
  if (fits && nLayers <= 64 && nOut <= 1e6 && numbers < 2 ** 31) return
  throw new EspalierError(
    'bundle/size',
    `the model asks for ${vocabSz} words, ${nLayers} layers of ${nHid} and ${nOut} outputs, more than can be meant`,
    { fix: 'the file is damaged, or was tampered with' },
  )
}

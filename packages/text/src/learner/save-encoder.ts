import { type Learner, platform, stateDict, useEngine, writeSafetensors } from '@espalier/core'
import { textVocab } from '../blocks/text-loaders.js'
import { encoderOf, type SequentialRnn } from '../nn/sequential-rnn.js'
import { vocabKey } from './text-weights.js'

/**
 * Writes the encoder of a learner and the vocabulary that it belongs to into a safetensors file, at once or not at all
 * (fastai's `save_encoder`). Returns its path.
 */
export async function saveEncoder<P>(learn: Learner<SequentialRnn, P>, file: string): Promise<string> {
  const path = file.endsWith('.safetensors') ? file : `${file}.safetensors`
  await useEngine()
  const tensors = stateDict(encoderOf(learn.model))
  const metadata = { format: 'pt', [vocabKey]: JSON.stringify(textVocab(learn.dls)) }
  await platform().writeFileAtomic(path, writeSafetensors(tensors, metadata))
  return path
}

import type { Learner } from '@espalier/core'
import type { SequentialRnn } from '../nn/sequential-rnn.js'
import { type GenerateOptions, generate } from './generate.js'

/** A text and what comes after it (fastai's `predict` of language models). */
export async function generated<P>(
  learn: Learner<SequentialRnn, P>,
  prompt: string,
  options?: GenerateOptions,
): Promise<string> {
  let text = prompt
  for await (const piece of generate(learn, prompt, options)) text += piece
  return text
}

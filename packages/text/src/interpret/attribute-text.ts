import { type AnyModule, holdModes, type Learner, record, tf } from '@espalier/core'
import { checkOptions, EspalierError } from '@espalier/data'
import { encodeText, textVocab, tokenizerOf } from '../blocks/text-loaders.js'
import type { AwdLstm } from '../models/awd-lstm.js'
import { encoderOf, SequentialRnn } from '../nn/sequential-rnn.js'
import { ColouredText } from './coloured-text.js'

/** How a prediction is explained. */
export interface AttributeTextOptions {
  /**
   * `gradient`, the default: how far each token moves the output, for it or against it (gradient times input).
   * `attention`: how much the output depends on it at all (fastai 1's intrinsic attention).
   */
  readonly method?: 'gradient' | 'attention'
  /** The output that is explained, by its number or its class. Default: the likeliest. */
  readonly target?: number | string
}

/** What each token of a text did to the prediction. */
export interface TextAttribution {
  readonly tokens: readonly string[]
  /** From −1 to 1; attention from 0 to 1. The one that matters most is ±1. */
  readonly weights: Float32Array
  /** The class, or the number of the output. */
  readonly target: string
  readonly probability: number
  readonly text: ColouredText
}

/**
 * Explains what a classifier says of a text, token by token. The text is read as for a prediction; tokens before the last
 * `maxLen` are not learned from and weigh nothing.
 *
 * @example
 * console.log(String((await attributeText(learn, 'A dull start, but I loved the end.')).text))
 */
export async function attributeText<P>(
  learn: Learner<AnyModule, P>,
  text: string,
  options: AttributeTextOptions = {},
): Promise<TextAttribution> {
  checkOptions('attributeText', options, ['method', 'target'])
  const { method = 'gradient', target } = options
  await learn.prepare()
  const { model } = learn
  if (!(model instanceof SequentialRnn)) {
    throw new EspalierError(
      'attribute/model',
      `attributeText explains models of texts, got a ${model.kind}`,
      {
        fix: 'give a learner of textClassifierLearner',
      },
    )
  }
  const ids = encodeText(learn.dls as never, text)
  const vocab = textVocab(learn.dls as never)
  const classes = (learn.dls.target as { readonly vocab?: readonly string[] } | undefined)?.vocab
  const { index, probability, weights } = explained(
    model,
    ids,
    (n, logits) => {
      const wanted = typeof target === 'string' ? (classes ?? []).indexOf(target) : target
      const chosen = wanted ?? logits.indexOf(Math.max(...logits))
      if (Number.isInteger(chosen) && chosen >= 0 && chosen < n) return chosen
      throw new EspalierError('attribute/target', `there is no output '${target}'`, {
        fix: classes ? `one of ${classes.join(', ')}` : `a number from 0 to ${n - 1}`,
      })
    },
    method,
  )
  const tokens = Array.from(ids, (id) => vocab[id] ?? 'xxunk')
  const name = classes?.[index] ?? String(index)
  const { begins, join } = tokenizerOf(learn.dls as never)
  const words = tokens.map((token, i) => ({
    word: begins && join ? join([token]).trim() : token,
    weight: weights[i]!,
    glued: begins !== undefined && !begins(token),
  }))
  const title = `${name} (${(100 * probability).toFixed(1)} %)`
  return { tokens, weights, target: name, probability, text: new ColouredText(words, title) }
}

type Choose = (n: number, logits: number[]) => number

/** Runs a model on one text and asks what the chosen output owes to each token. */
function explained(model: SequentialRnn, ids: Int32Array, choose: Choose, method: 'gradient' | 'attention') {
  const { encoderDp } = encoderOf(model) as unknown as AwdLstm
  const forward = encoderDp.forward.bind(encoderDp)
  using _modes = holdModes(model)
  const chunks: { readonly words: Float32Array; readonly nudge: tf.Tensor3D }[] = []
  // What is added to the words is 0; its gradient is theirs.
  encoderDp.forward = (words) => {
    const rows = forward(words)
    const nudge = tf.zerosLike(rows)
    chunks.push({ words: rows.dataSync<'float32'>().slice(), nudge })
    return tf.add(rows, nudge)
  }
  model.eval()
  try {
    let result: { index: number; probability: number; weights: Float32Array } = {
      index: 0,
      probability: 0,
      weights: new Float32Array(ids.length),
    }
    tf.tidy(() => {
      const { result: out, tape } = record(() => {
        const logits = tf.reshape(model.forward(tf.tensor2d([...ids], [1, ids.length], 'int32')), [-1])
        const values = [...logits.dataSync()]
        const index = choose(values.length, values)
        return {
          y: tf.sum(tf.slice(logits, [index], [1])),
          logits: tf.clone(logits),
          index: tf.scalar(index, 'int32'),
        }
      })
      const grads = tape.backward(
        out.y,
        chunks.map((c) => c.nudge),
      )
      const scores = chunks.flatMap(({ words, nudge }, i) => perToken(words, grads[i], nudge.shape, method))
      const index = out.index.dataSync()[0]!
      const probability = tf.softmax(out.logits as tf.Tensor1D).dataSync()[index]!
      result = { index, probability, weights: scaled(scores.slice(0, ids.length)) }
    })
    return result
  } finally {
    encoderDp.forward = forward
    model.reset()
  }
}

/** What a gradient says of each token: with its sign how far the word moves the output, without it how much it could. */
function perToken(
  words: Float32Array,
  grad: tf.Tensor | undefined,
  [, t, n]: readonly number[],
  method: 'gradient' | 'attention',
): number[] {
  const slopes = grad?.dataSync()
  return Array.from({ length: t! }, (_, i) => {
    let sum = 0
    for (let j = i * n!; j < (i + 1) * n!; j++) {
      const slope = slopes?.[j] ?? 0
      sum += method === 'gradient' ? slope * words[j]! : Math.abs(slope)
    }
    return sum
  })
}

function scaled(scores: readonly number[]): Float32Array {
  const most = scores.reduce((m, v) => Math.max(m, Math.abs(v)), 0)
  return Float32Array.from(scores, (v) => (most === 0 ? 0 : v / most))
}

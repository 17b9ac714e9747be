import { holdModes, type Learner, tf } from '@espalier/core'
import { checkOptions, describeNumber, EspalierError, Random } from '@espalier/data'
import { encodeText, textVocab, tokenizerOf } from '../blocks/text-loaders.js'
import type { SequentialRnn } from '../nn/sequential-rnn.js'
import { BOS, EOS, PAD, UNK } from '../tokenize/special-tokens.js'
import { type ChooseOptions, checkChoice, chooseToken } from './choose.js'
import { Speech } from './speech.js'

/** How a text is gone on with. */
export interface GenerateOptions extends ChooseOptions {
  /** How many tokens are drawn. Default 1. */
  readonly words?: number
  /** Never draws the token of unknown words. Default true. */
  readonly noUnk?: boolean
  /** No row of so many tokens comes twice. Default: any may. */
  readonly noRepeat?: number
  /** The same seed draws the same text. Default 42. */
  readonly seed?: number
  /** Stops where the model begins another text. Default false. */
  readonly untilEnd?: boolean
  /** Gives tokens as they are in the vocabulary, special ones too. Default false. */
  readonly raw?: boolean
}

/**
 * Goes on with a text: the pieces come as they are drawn, to be written one after the other, without the text that was
 * given. The model reads each token once: its state goes on. Special tokens are undone: a capital is a capital.
 *
 * @example
 * for await (const word of learn.generate('I liked this movie because', { words: 40, temperature: 0.75 }))
 *   process.stdout.write(word)
 */
export async function* generate<P>(
  learn: Learner<SequentialRnn, P>,
  prompt: string,
  options: GenerateOptions = {},
): AsyncGenerator<string, void, undefined> {
  const { words = 1, noUnk = true, noRepeat, seed = 42, untilEnd = false, raw = false } = checked(options)
  await learn.prepare()
  const vocab = textVocab(learn.dls as never)
  const tokens = [...encodeText(learn.dls as never, prompt)]
  if (tokens.length === 0) throw nothing()
  const never = vocab.flatMap((word, i) => (unspoken.has(word) || (noUnk && word === UNK) ? [i] : []))
  const speech = new Speech(tokenizerOf(learn.dls as never), raw)
  const { model } = learn
  let fresh = tokens.slice()
  let state: ModelState | undefined
  try {
    for (let n = 0; n < words; n++) {
      learn.usage.alive()
      // Others may use the model between two words: each goes on from a state of its own.
      const step = next(model, fresh, state)
      state?.dispose()
      state = step.state
      for (const i of never) step.logits[i] = Number.NEGATIVE_INFINITY
      for (const i of repeating(tokens, noRepeat)) step.logits[i] = Number.NEGATIVE_INFINITY
      const token = chooseToken(step.logits, new Random(seed, 'generate', n), options)
      tokens.push(token)
      fresh = [token]
      const word = vocab[token] ?? UNK
      if (word === EOS || word === BOS) {
        if (untilEnd) break
        if (!raw) continue
      }
      const said = speech.say(word)
      if (said !== '') yield said
      await turn()
    }
  } finally {
    state?.dispose()
  }
}

/** What never is said: padding, and the words that fill a vocabulary up. */
const unspoken: ReadonlySet<string> = new Set([PAD, 'xxfake'])

interface ModelState {
  apply(): void
  dispose(): void
}

/** The logits after some tokens, and the state behind them. */
function next(model: SequentialRnn, tokens: readonly number[], before: ModelState | undefined) {
  using _modes = holdModes(model)
  const own = stateOf(model)
  model.eval()
  model.reset()
  before?.apply()
  try {
    const logits = tf.tidy(() => {
      const all = model.forward(tf.tensor2d([...tokens], [1, tokens.length], 'int32')) as tf.Tensor3D
      const [, t, v] = all.shape
      return tf
        .slice(all, [0, t - 1, 0], [1, 1, v])
        .dataSync<'float32'>()
        .slice()
    })
    return { logits, state: stateOf(model) }
  } finally {
    model.reset()
    own.apply()
    own.dispose()
  }
}

/** What the modules of a model carry, held apart from it. */
function stateOf(model: SequentialRnn): ModelState {
  const held = [...model.encoder.modules()].flatMap(([, m]) => {
    if (!m.saveState || !m.loadState || !m.reset) return []
    const { data, tensors = {} } = m.saveState()
    const own = Object.fromEntries(Object.entries(tensors).map(([k, t]) => [k, tf.keep(tf.clone(t))]))
    return [{ module: m, saved: { ...(data !== undefined && { data }), tensors: own } }]
  })
  return {
    apply() {
      for (const { module, saved } of held) module.loadState?.(saved)
    },
    dispose() {
      for (const { saved } of held) tf.dispose(Object.values(saved.tensors))
    },
  }
}

/** The tokens that would make a row of `n` tokens come again. */
function repeating(tokens: readonly number[], n: number | undefined): number[] {
  if (n === undefined || tokens.length < n) return []
  const tail = tokens.slice(tokens.length - n + 1)
  const found: number[] = []
  for (let i = 0; i + n <= tokens.length; i++) {
    if (tail.every((token, k) => tokens[i + k] === token)) found.push(tokens[i + n - 1]!)
  }
  return found
}

function checked(options: GenerateOptions): GenerateOptions {
  checkOptions('generate', options, generateOptionNames)
  checkChoice(options)
  for (const name of ['words', 'noRepeat'] as const) {
    const value = options[name]
    if (value === undefined || (Number.isInteger(value) && value >= 1)) continue
    throw new EspalierError(
      'generate/option',
      `generate: ${name} must be a whole number ≥ 1, got ${describeNumber(value)}`,
      { fix: `say ${name}: ${name === 'words' ? 40 : 3}` },
    )
  }
  return options
}

/** The names of {@link GenerateOptions}. */
export const generateOptionNames = [
  'words',
  'noUnk',
  'noRepeat',
  'seed',
  'untilEnd',
  'raw',
  'temperature',
  'topK',
  'topP',
  'minP',
]

function nothing(): EspalierError {
  return new EspalierError('generate/prompt', 'a language model needs a token to begin with, and got none', {
    fix: "give a text, if an empty one with rules that put xxbos before it: learn.generate('')",
  })
}

/** Lets the event loop take a turn, so that what was said is seen. */
const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0))

import {
  record,
  type SafeTensor,
  type Sequential,
  stateDict,
  tf,
  toFloat32,
  withoutInit,
} from '@espalier/core'
import { ndArray } from '@espalier/data'
import type { GoldenCase } from '@espalier/testkit'
import {
  AwdLstm,
  type AwdLstmClasConfig,
  type AwdLstmConfig,
  type AwdLstmLmConfig,
  awdLstm,
  encoderOf,
  getLanguageModel,
  getTextClassifier,
  maskedConcatPool,
  matchEmbeds,
  noteOutputs,
  outputsOf,
  rnnRegularizer,
  type SentenceEncoder,
  type SequentialRnn,
} from '@espalier/text'
import { type Check, checkPrinted, checkTensor, checkValue, unmet } from '../check.js'
import { loadFormula } from '../tiny-model.js'
import { camelCased, countValues, inTorch, listed } from './modules.js'

/** Tokens of a case, as they are: `[b, t]` int32. */
function tokensOf(golden: GoldenCase, name: string): tf.Tensor2D {
  const { data, shape } = golden.input(name)
  return tf.tensor2d(data as Int32Array, shape as [number, number], 'int32')
}

/** The options of a configuration under our names. */
export const configOf = <C>(config: unknown): Partial<C> =>
  camelCased(config as Record<string, unknown>) as Partial<C>

/** An encoder over batches one after the other: outputs and states, which go on, grow, shrink and are reset. */
export function runAwdLstm(golden: GoldenCase): Check[] {
  const { vocab_sz: vocabSz, ...config } = golden.json.config as { vocab_sz: number }
  const drops = { hiddenP: 0, inputP: 0, embedP: 0, weightP: 0 }
  using model = withoutInit(() => new AwdLstm(vocabSz, { ...drops, ...configOf<AwdLstmConfig>(config) }))
  loadFormula(model, golden)
  model.eval()
  const checks: Check[] = []
  const done: string[] = []
  const check = (key: string, t: tf.Tensor) => {
    done.push(key)
    checks.push(checkTensor(golden, key, t))
  }
  const names = Object.keys(golden.json.inputs ?? {}).sort()
  tf.tidy(() => {
    for (const name of names) {
      const i = /^tokens(\d+)/.exec(name)?.[1]
      if (i === undefined) throw new Error(`the golden runner knows no input '${name}'`)
      check(`out${i}`, model.forward(tokensOf(golden, name)))
      for (const [layer, states] of model.hidden.entries()) {
        check(`hidden${i}.${layer}.h`, tf.stack(states.map((s) => s.h)))
        check(`hidden${i}.${layer}.c`, tf.stack(states.map((s) => s.c)))
      }
    }
    for (const key of Object.keys(golden.json.expected)) {
      const [, name, row] = /^out_after_reset_(\w+?)(?:_row(\d+))?$/.exec(key) ?? []
      if (name === undefined) continue
      model.reset()
      const tokens = tokensOf(golden, name)
      const given = row === undefined ? tokens : tf.slice(tokens, [Number(row), 0], [1, tokens.shape[1]])
      check(key, model.forward(given))
    }
  })
  return [...checks, ...unmet(golden, done)]
}

interface LmConfig {
  readonly vocab_sz: number
  readonly config: object
  readonly drop_mult?: number
  readonly alpha?: number
  readonly beta?: number
}

/** A language model in evaluation, then steps whose state goes on: losses, their gradients, and what would be added. */
export function runLanguageModel(golden: GoldenCase): Check[] {
  const {
    vocab_sz: vocabSz,
    config,
    drop_mult: dropMult = 1,
    alpha = 2,
    beta = 1,
  } = golden.json.config as unknown as LmConfig
  const shape = { config: configOf<AwdLstmLmConfig>(config), dropMult }
  using model = withoutInit(() => getLanguageModel(awdLstm, vocabSz, shape))
  loadFormula(model, golden)
  const checks = [checkGroups(golden, awdLstm.splitLm(model), model)]
  const done = ['groups']
  const check = (key: string, t: tf.Tensor) => {
    if (!(key in golden.json.expected)) return
    done.push(key)
    checks.push(checkTensor(golden, key, t))
  }
  tf.tidy(() => {
    model.eval()
    check('eval.decoded', model.forward(tokensOf(golden, 'x1')))
    check('eval.raw', outputsOf(model)!.raw)
    model.train()
    model.reset()
    for (let i = 1; `x${i}` in golden.json.inputs!; i++) {
      const parts = { loss: `train${i}.loss`, ar: `train${i}.ar`, tar: `train${i}.tar` }
      const { result, tape } = record(() => {
        const logits = model.forward(tokensOf(golden, `x${i}`))
        const loss = meanLoss(logits, tokensOf(golden, `y${i}`))
        const [ar, tar] = [added(model, alpha, 0), added(model, 0, beta)]
        return { loss, ar, tar }
      })
      check(parts.loss, result.loss)
      check(parts.ar, result.ar)
      check(parts.tar, result.tar)
      checkGradients(golden, model, tape, result.loss, `train${i}.grad.`, check)
    }
  })
  return [...checks, ...unmet(golden, done)]
}

interface ClassifierConfig {
  readonly vocab_sz: number
  readonly n_class: number
  readonly seq_len: number
  readonly config: object
  readonly drop_mult?: number
  readonly max_len?: number | null
  readonly ps?: readonly number[] | null
  readonly lin_ftrs?: readonly number[] | null
  readonly y_range?: readonly [number, number] | null
}

/** A classifier on one batch: what the encoder gives, pooled, in evaluation; loss and gradients in training. */
export function runClassifier(golden: GoldenCase): Check[] {
  const { json } = golden
  const c = json.config as unknown as ClassifierConfig
  const { notes = [], printed_head: head } = json as { notes?: string[]; printed_head?: string }
  const squares = notes.some((note) => note.includes('mean(logits^2)'))
  using model = withoutInit(() =>
    getTextClassifier(awdLstm, c.vocab_sz, c.n_class, {
      config: configOf<AwdLstmClasConfig>(c.config),
      seqLen: c.seq_len,
      ...(c.drop_mult !== undefined && { dropMult: c.drop_mult }),
      ...(c.max_len !== undefined && { maxLen: c.max_len }),
      ...(c.ps && { ps: c.ps }),
      ...(c.lin_ftrs && { linFtrs: c.lin_ftrs }),
      ...(c.y_range && { yRange: c.y_range }),
    }),
  )
  loadFormula(model, golden)
  const checks = [
    ...checkPrinted(golden, String(model.head), head),
    ...('groups' in json.expected ? [checkGroups(golden, awdLstm.splitClas(model), model)] : []),
  ]
  const done = ['groups']
  const check = (key: string, t: tf.Tensor) => {
    if (!(key in json.expected)) return
    done.push(key)
    checks.push(checkTensor(golden, key, t))
  }
  tf.tidy(() => {
    const tokens = tokensOf(golden, 'tokens')
    model.eval()
    const { output, mask } = (model.encoder as SentenceEncoder).forward(tokens)
    check('encoder_out', output)
    check('mask', mask)
    check('pooled', maskedConcatPool(output, mask))
    check('logits', model.forward(tokens))
    model.train()
    const { result, tape } = record(() => {
      const logits = model.forward(tokens)
      const loss = squares
        ? tf.mean(tf.square(logits))
        : meanLoss(logits, tf.tensor(golden.input('y').data as Int32Array))
      return { logits, loss }
    })
    check('train.logits', result.logits)
    check('train.loss', result.loss)
    checkGradients(golden, model, tape, result.loss, 'train.grad.', check)
  })
  return [...checks, ...unmet(golden, done)]
}

/** The last, the largest and the mean output of each row. */
export function runPool(golden: GoldenCase): Check[] {
  const { bptt } = golden.json.config as { bptt?: number }
  return scoped(() => {
    const { data, shape } = golden.input('output')
    const output = tf.tensor3d(data as Float32Array, shape as [number, number, number])
    const pooled = maskedConcatPool(output, tokensOf(golden, 'mask'), bptt === undefined ? {} : { bptt })
    return [checkTensor(golden, 'pooled', pooled), ...unmet(golden, ['pooled'])]
  })
}

/** Words moved to another vocabulary. */
export function runMatchEmbeds(golden: GoldenCase): Check[] {
  const { old_vocab: before, new_vocab: after } = golden.json.config as Record<string, string[]>
  const given = Object.keys(golden.json.inputs ?? {}).map((name): [string, SafeTensor] => {
    const { data, shape } = golden.input(name)
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    return [name, { dtype: 'F32', shape, bytes }]
  })
  const matched = matchEmbeds(new Map(given), before!, after!)
  const checks = [...matched].map(([name, t]) =>
    name in golden.json.expected
      ? checkTensor(golden, name, ndArray('float32', t.shape, toFloat32(name, t)))
      : { ok: false, largest: 0, message: `nothing is expected for '${name}'` },
  )
  return [...checks, ...unmet(golden, matched.keys())]
}

/** What is added to the loss, by its two factors. */
export function runRegularizer(golden: GoldenCase): Check[] {
  const rows = golden.json.expected['rows'] as { alpha: number; beta: number; added: number }[]
  return scoped(() => {
    const read = (name: string) => {
      const { data, shape } = golden.input(name)
      return tf.tensor3d(data as Float32Array, shape as [number, number, number])
    }
    using model = withoutInit(() =>
      getLanguageModel(awdLstm, 2, { config: { embSz: 1, nHid: 1, nLayers: 1 } }),
    )
    noteOutputs(model, { raw: read('raw_out'), dropped: read('out') })
    const got = rows.map((row) => ({ ...row, added: added(model, row.alpha, row.beta).dataSync()[0] }))
    return [checkValue(golden, 'rows', got), ...unmet(golden, ['rows'])]
  })
}

/** Names, groups and dropouts of both kinds of model. */
export function runStateDictKeys(golden: GoldenCase): Check[] {
  const c = golden.json.config as unknown as {
    vocab_sz: number
    n_class: number
    drop_mult?: number
    lm_config: object
    clas_config: object
  }
  const mult = c.drop_mult === undefined ? {} : { dropMult: c.drop_mult }
  using lm = withoutInit(() =>
    getLanguageModel(awdLstm, c.vocab_sz, { config: configOf<AwdLstmLmConfig>(c.lm_config), ...mult }),
  )
  using classifier = withoutInit(() =>
    getTextClassifier(awdLstm, c.vocab_sz, c.n_class, {
      config: configOf<AwdLstmClasConfig>(c.clas_config),
      ...mult,
    }),
  )
  const got = {
    lm: described(lm, awdLstm.splitLm(lm)),
    classifier: { ...described(classifier, awdLstm.splitClas(classifier)), head: String(classifier.head) },
    encoder_keys_for_load_encoder: [...stateDict(encoderOf(lm)).keys()],
  }
  return [
    ...Object.entries(got).map(([key, v]) => checkValue(golden, key, v)),
    ...unmet(golden, Object.keys(got)),
  ]
}

function described(model: SequentialRnn, groups: readonly (readonly tf.Variable[])[]) {
  const names = pathsOf(model)
  return {
    state_dict: listed(model),
    parameters: [...names.values()],
    groups: groups.map((group) => group.map((v) => names.get(v)!)),
    dropouts: dropoutsIn(model),
    n_params: countValues(model),
  }
}

/** The parameters by the first of their names. */
function pathsOf(model: SequentialRnn): Map<tf.Variable, string> {
  const names = new Map<tf.Variable, string>()
  for (const { variable, path } of model.weights()) {
    if (variable.trainable && !names.has(variable)) names.set(variable, path)
  }
  return names
}

function dropoutsIn(model: Sequential<never, unknown> | SequentialRnn): [string, string, number][] {
  return [...model.modules()].flatMap(([path, m]): [string, string, number][] => {
    if (!/Dropout/.test(m.kind)) return []
    const { p, embedP, weightP } = m as unknown as Record<string, number>
    return [[path, m.kind, (p ?? embedP ?? weightP)!]]
  })
}

function checkGroups(
  golden: GoldenCase,
  groups: readonly (readonly tf.Variable[])[],
  model: SequentialRnn,
): Check {
  const names = pathsOf(model)
  return checkValue(
    golden,
    'groups',
    groups.map((group) => group.map((v) => names.get(v)!)),
  )
}

/** The mean cross-entropy over all places, from a softmax. */
function meanLoss(logits: tf.Tensor, targets: tf.Tensor): tf.Tensor {
  const c = logits.shape.at(-1)!
  const rows = tf.logSoftmax(tf.reshape<tf.Rank.R2>(logits, [-1, c]))
  const wanted = tf.oneHot(tf.reshape(tf.cast(targets, 'int32'), [-1]) as tf.Tensor1D, c)
  return tf.neg(tf.mean(tf.sum(tf.mul(rows, wanted), 1)))
}

/** What the regularizer adds to a loss of 0. */
function added(model: SequentialRnn, alpha: number, beta: number): tf.Tensor {
  const state = { learn: { model }, training: true, lossGrad: tf.scalar(0) as tf.Tensor }
  rnnRegularizer({ alpha, beta }).afterLoss?.(state as never)
  return state.lossGrad
}

function checkGradients(
  golden: GoldenCase,
  model: SequentialRnn,
  tape: ReturnType<typeof record>['tape'],
  loss: tf.Tensor,
  prefix: string,
  check: (key: string, t: tf.Tensor) => void,
): void {
  const names = pathsOf(model)
  const weights = [...model.weights()].filter((w) => names.get(w.variable) === w.path)
  const grads = tape.backward(
    loss,
    weights.map((w) => w.variable),
  )
  for (const [i, w] of weights.entries()) {
    const key = `${prefix}${w.path}`
    if (key in golden.json.expected) check(key, inTorch(w, grads[i]!))
  }
}

/** In a scope of tensors; what comes out has none. */
function scoped(run: () => Check[]): Check[] {
  let checks: Check[] = []
  tf.tidy(() => {
    checks = run()
  })
  return checks
}

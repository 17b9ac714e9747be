import { crossEntropyFlat, mseLossFlat, record, tf, withoutInit } from '@espalier/core'
import { TabularModel, type TabularModelOptions } from '@espalier/tabular'
import { EmbeddingDotBias, EmbeddingNN } from '@espalier/tabular/collab'
import type { GoldenCase } from '@espalier/testkit'
import { activation } from '../activations.js'
import { type Check, checkPrinted, checkTensor, checkValue, inputTensor, unmet } from '../check.js'
import { loadFormula } from '../tiny-model.js'
import { camelCased, checkAfter, countValues, inTorch, listed } from './modules.js'

type Config = Readonly<Record<string, unknown>>
type Model = TabularModel | EmbeddingDotBias

/** A model of a table or of ratings: printed, in eval and train mode, with loss, gradients and statistics. */
export function runTabularModel(golden: GoldenCase): Check[] {
  using model = modelOf(golden)
  loadFormula(model, golden)
  const { expected } = golden.json
  const checks = checkPrinted(golden, String(model))
  const done: string[] = []
  const check = (key: string, t: tf.Tensor) => {
    if (!(key in expected)) return
    done.push(key)
    checks.push(checkTensor(golden, key, t))
  }
  tf.tidy(() => {
    const inputs = inputsOf(golden, model)
    const run = () => model.forward(...(inputs as [tf.Tensor2D])) as tf.Tensor
    model.eval()
    check('eval', run())
    if (!('train' in expected)) return
    model.train()
    const weights = [...model.weights()].filter((w) => w.variable.trainable)
    const y = golden.json.inputs?.['y'] && inputTensor(golden, 'y')
    const { result, tape } = record(() => {
      const pred = run()
      if (!y) return { pred, loss: tf.mean(pred) }
      return { pred, loss: y.dtype === 'int32' ? crossEntropyFlat(pred, y) : mseLossFlat()(pred, y) }
    })
    check('train', result.pred)
    if (!y) return
    check('loss', tf.reshape(result.loss, []))
    const grads = tape.backward(
      result.loss,
      weights.map((w) => w.variable),
    )
    for (const [i, w] of weights.entries()) if (grads[i]) check(`grad.${w.path}`, inTorch(w, grads[i]))
  })
  const after = Object.keys(expected).filter((key) => key.startsWith('after.'))
  return [...checks, ...checkAfter(golden, model, after), ...unmet(golden, [...done, ...after])]
}

function modelOf({ json }: GoldenCase): Model {
  const { case: name, config } = json
  return withoutInit(() => {
    if (name.startsWith('collab_dot_bias')) return new EmbeddingDotBias(camelCased(config))
    const options = modelOptions(config)
    return name.startsWith('collab_nn') ? new EmbeddingNN(options) : new TabularModel(options)
  })
}

/** The options of a model by their names in Python. */
function modelOptions({ act_cls, ...config }: Config): TabularModelOptions {
  return {
    ...camelCased<TabularModelOptions>(config),
    ...(act_cls ? { act: () => activation(String(act_cls)) } : {}),
  }
}

/** Codes and numbers of a case, those halves that its model has. */
function inputsOf(golden: GoldenCase, model: Model): tf.Tensor[] {
  const names = Object.keys(golden.json.inputs ?? {})
  const codes = names
    .filter((name) => /^(x_cat|users$|items$)/.test(name))
    .map((name) => inputTensor(golden, name))
  const columns = codes.map((t) => (t.rank === 1 ? tf.expandDims(t, 1) : t))
  const conts = model instanceof TabularModel && model.nCont > 0
  return [
    ...(columns.length > 0 ? [tf.cast(tf.concat(columns, 1), 'int32')] : []),
    ...(conts ? [inputTensor(golden, 'x_cont')] : []),
  ]
}

interface PrintedRow {
  readonly emb_szs: TabularModelOptions['embSzs']
  readonly n_cont: number
  readonly out_sz: number
  readonly layers: readonly number[]
  readonly args: Config
  readonly printed: string
  readonly state_dict: readonly unknown[]
  readonly n_params: number
}

/** Models of many options: printed form, state dict, number of weights. */
export function runPrintedModels(golden: GoldenCase): Check[] {
  const rows = golden.json.expected['rows'] as readonly PrintedRow[]
  const checks = rows.flatMap(({ args, printed, state_dict, n_params, ...sizes }) => {
    const { emb_szs, n_cont, out_sz, layers } = sizes
    const config = { emb_szs, n_cont, out_sz, layers, ...args }
    using model = withoutInit(() => new TabularModel(modelOptions(config)))
    const what = JSON.stringify(config)
    return [
      ...checkPrinted(golden, String(model), printed),
      checkValue(golden, `state dict of ${what}`, listed(model), state_dict),
      checkValue(golden, `parameters of ${what}`, countValues(model), n_params),
    ]
  })
  return [...checks, ...unmet(golden, ['rows'])]
}

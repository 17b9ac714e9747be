import { batchTensors } from '../batch/tensor-transform.js'
import * as tf from '../engine/tf.js'
import { holdModes } from '../nn/hold-modes.js'
import { hookOutputs } from '../nn/hook-outputs.js'
import type { AnyModule } from '../nn/module.js'
import { Table } from '../report/table.js'
import type { Learner } from './learner.js'

/** One layer: a module without modules inside. */
export interface LayerSummary {
  readonly path: string
  readonly kind: string
  readonly outputShape: readonly number[]
  readonly params: number
  readonly trainable: boolean
}

/** Runs a model once in evaluation mode and notes what every layer gives. */
function layerSummary(
  model: AnyModule,
  inputs: readonly tf.Tensor[],
  trains: (v: tf.Variable) => boolean = () => true,
): LayerSummary[] {
  const layers: LayerSummary[] = []
  const leaves = new Map(
    [...model.modules()].flatMap(([p, m]) => ([...m.children()].length === 0 ? [[m, p]] : [])),
  )
  using _modes = holdModes(model)
  using _hooks = hookOutputs([...leaves.keys()], (output, layer) => {
    const parameters = layer.parameters()
    layers.push({
      path: leaves.get(layer)!,
      kind: layer.kind,
      outputShape: (output as tf.Tensor).shape,
      params: parameters.reduce((n, p) => n + p.size, 0),
      trainable: parameters.some(trains),
    })
  })
  model.eval()
  tf.tidy(() => {
    model.forward(...(inputs as readonly never[]))
  })
  return layers
}

/** The layers of a learner's model as a table, with totals, optimizer, loss and frozen groups (fastai's `summary`). */
export async function summary(learn: Learner): Promise<string> {
  await learn.prepare()
  const batch = await learn.dls.oneBatch()
  const trainable = new Set(learn.opt.trainable)
  let inputShapes: number[][] = []
  const layers: LayerSummary[] = []
  tf.tidy(() => {
    const inputs = batchTensors(batch, learn.dls.train.options.batchTfms).slice(0, batch.nInp)
    inputShapes = inputs.map((t) => t.shape)
    layers.push(...layerSummary(learn.model, inputs, (v) => trainable.has(v)))
  })
  const number = new Intl.NumberFormat('en-US')
  const parameters = learn.model.parameters()
  const count = (list: readonly tf.Variable[]) => number.format(list.reduce((n, p) => n + p.size, 0))
  const rows = layers.map((l) => [
    `${l.path} (${l.kind})`,
    l.outputShape.join(' × '),
    l.params ? number.format(l.params) : '',
    l.params ? (l.trainable ? 'yes' : 'no') : '',
  ])
  return [
    `${learn.model.kind} (input ${inputShapes.map((s) => s.join(' × ')).join(', ')})`,
    new Table(['layer (type)', 'output shape', 'params', 'trains'], rows).toText(),
    `parameters: ${count(parameters)}, trainable: ${count([...trainable])}`,
    `optimizer: ${learn.opt.steps.map((s) => s.name).join(' → ')}`,
    `groups: ${learn.opt.groups.length}, frozen up to group ${learn.opt.frozenIdx}`,
    `callbacks: ${learn
      .orderedCbs()
      .map((cb) => cb.name)
      .join(', ')}`,
  ].join('\n')
}

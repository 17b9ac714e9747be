import { type AnyModule, holdModes, Table, tf } from '@espalier/core'
import { joinColumns } from '@espalier/core/kernels'
import type { NdArray } from '@espalier/data'
import type { TabularModel } from './tabular-model.js'

type Line = readonly [line: string, shape: string, what: string]

/** Each line of the forward pass of a {@link TabularModel}: what it computes, the shape that comes out, and why. */
export function traceTabularModel(model: TabularModel, inputs: readonly (tf.Tensor2D | NdArray)[]): Table {
  const lines: Line[] = []
  const note = <T extends tf.Tensor>(line: string, y: T, what: string): T => {
    lines.push([line, `[${y.shape.join(', ')}]`, what])
    return y
  }
  using _modes = holdModes(model)
  model.eval()
  tf.tidy(() => walk(model, inputs.map(toTensor), note))
  return new Table(['line', 'shape', 'what it does'], lines)
}

function toTensor(input: tf.Tensor2D | NdArray): tf.Tensor2D {
  if (input instanceof tf.Tensor) return input
  const { data, shape, dtype } = input
  return tf.tensor<tf.Rank.R2>(data, [...shape] as [number, number], dtype === 'uint8' ? 'int32' : dtype)
}

function walk(
  model: TabularModel,
  inputs: readonly tf.Tensor2D[],
  note: <T extends tf.Tensor>(line: string, y: T, what: string) => T,
): void {
  const [cats, conts] = model.halves(inputs)
  const { embeds, embDrop, bnCont } = model
  let x: tf.Tensor2D | undefined
  if (cats) {
    note('cats', cats, 'a code for each categorical column')
    const sizes = embeds.tables.map((t) => t.nDim).join(' + ')
    x = note('x = embeds(cats)', embeds.forward(cats), `each code's vector, side by side: ${sizes}`)
    x = note('x = embDrop(x)', embDrop.forward(x), `in training drops numbers, p ${embDrop.p}`)
  }
  if (conts) {
    let numbers = note('conts', conts, 'the continuous columns')
    if (bnCont) numbers = note('conts = bnCont(conts)', bnCont.forward(conts), 'normalized over the batch')
    x = x
      ? note('x = concat([x, conts], 1)', joinColumns(x, numbers), 'numbers behind the vectors')
      : note('x = conts', numbers, 'there are only numbers')
  }
  for (const [name, layer] of model.layers.children()) {
    const parts = [...layer.children()].map(([, child]) => child)
    const what = parts.length > 0 ? parts.map(told).join(' → ') : told(layer)
    x = note(`x = layers.${name}(x)`, layer.forward(x as never) as tf.Tensor2D, what)
  }
}

function told(layer: AnyModule): string {
  if (layer.kind !== 'Linear')
    return layer.kind === 'SigmoidRange' ? `SigmoidRange(${layer.describe()})` : layer.kind
  const { nIn, nOut } = layer as AnyModule & { readonly nIn: number; readonly nOut: number }
  return `Linear ${nIn} → ${nOut}`
}

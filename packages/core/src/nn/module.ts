import type { Portable } from '@espalier/data'
import * as tf from '../engine/tf.js'
import type { Saved } from './saved.js'

/** A module whatever its inputs and output. */
export type AnyModule = Module<never[], unknown>

/** How a weight lies in torch: `axes[i]` is the axis of ours that is axis i there. */
export type Axes = readonly number[]

/**
 * A function of tensors that owns tensors.
 *
 * Weights and sub-modules are ordinary fields (or lists in fields): their path is their name, so there is nothing
 * to register. Do not hide them in `#private` fields, which cannot be enumerated. `forward` is synchronous,
 * allocates freely and never disposes: whoever runs it opens the scope.
 *
 * @example
 * class Mlp extends Module<[tf.Tensor2D], tf.Tensor2D> {
 *   readonly hidden = new Linear(4, 16)
 *   readonly out = new Linear(16, 3)
 *   forward(x: tf.Tensor2D) {
 *     return this.out.forward(relu(this.hidden.forward(x)))
 *   }
 * }
 */
export abstract class Module<In extends readonly unknown[] = readonly unknown[], Out = unknown>
  implements Disposable
{
  /** True in training mode: dropout drops, batch norm uses the statistics of the batch. */
  training = true

  /** How a bundle writes down what makes the same layers again. */
  declare portable?: Portable

  abstract forward(...inputs: In): Out

  /** The class as torch prints it. */
  get kind(): string {
    return this.constructor.name
  }

  /** The options as torch prints them, between the parentheses. */
  describe(): string {
    return ''
  }

  /** How the weight in this field lies in torch, where that differs. */
  torchAxes(_field: string): Axes | undefined {
    return undefined
  }

  /** What it carries from batch to batch besides its weights: a checkpoint keeps it. */
  saveState?(): Saved

  /** Takes back what `saveState` gave. The tensors are disposed afterwards. */
  loadState?(saved: Saved): void

  /** Forgets what it carries from batch to batch, as a recurrent layer its hidden state. */
  reset?(): void

  /** The modules directly inside, by name, in the order of the fields. */
  *children(): Generator<[name: string, child: AnyModule]> {
    for (const [, name, value] of valuesOf(this)) if (value instanceof Module) yield [name, value]
  }

  /** This module and all below it, by path, parents first. */
  *modules(path = ''): Generator<[path: string, module: AnyModule]> {
    yield [path, this]
    for (const [name, child] of this.children()) yield* child.modules(path ? `${path}.${name}` : name)
  }

  /** The same without the paths. */
  all(): AnyModule[] {
    return [...this.modules()].map(([, module]) => module)
  }

  /** Every weight, parameters and buffers, by path; the order is torch's. */
  *weights(): Generator<Weight> {
    for (const [path, owner] of this.modules()) {
      for (const [field, name, value] of valuesOf(owner)) {
        if (!(value instanceof tf.Variable)) continue
        yield {
          path: path ? `${path}.${name}` : name,
          name,
          variable: value,
          owner,
          axes: owner.torchAxes(field),
        }
      }
    }
  }

  /** The parameters: what an optimizer may change. Buffers (running statistics) are not among them. */
  parameters(): tf.Variable[] {
    return [...new Set([...this.weights()].map((w) => w.variable))].filter((v) => v.trainable)
  }

  train(mode = true): this {
    for (const [, module] of this.modules()) module.training = mode
    return this
  }

  eval(): this {
    return this.train(false)
  }

  /** Gives back every weight. */
  [Symbol.dispose](): void {
    for (const { variable } of this.weights()) if (!variable.isDisposed) variable.dispose()
  }

  toString(): string {
    return printed(this)
  }
}

/** One weight of a module tree. */
export interface Weight {
  /** As in a torch state dict: `layer1.0.conv1.weight`. */
  readonly path: string
  /** The path within its module: `weight`, or `scales.0` for one of a list. */
  readonly name: string
  readonly variable: tf.Variable
  readonly owner: AnyModule
  readonly axes: Axes | undefined
}

/** Makes a parameter: a variable that optimizers may change. `init` is consumed. */
export function param<R extends tf.Rank>(init: tf.Tensor<R>): tf.Variable<R> {
  return variable(init, true)
}

/** Makes a buffer: saved with the model, never trained. `init` is consumed. */
export function buffer<R extends tf.Rank>(init: tf.Tensor<R>): tf.Variable<R> {
  return variable(init, false)
}

function variable<R extends tf.Rank>(init: tf.Tensor<R>, trainable: boolean): tf.Variable<R> {
  const v = tf.variable(init, trainable)
  init.dispose()
  return v
}

const torchNames = new Map<string, string>()

/** `runningMean` → `running_mean`: fields are ours, names are torch's. Models are walked at each step. */
function torchName(field: string): string {
  let name = torchNames.get(field)
  if (name === undefined) {
    name = field.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)
    torchNames.set(field, name)
  }
  return name
}

/** What the fields of a module hold, by torch's name; a list has a name for each of its places. */
function* valuesOf(owner: object): Generator<[field: string, name: string, value: unknown]> {
  for (const [field, value] of Object.entries(owner)) {
    const name = torchName(field)
    if (!Array.isArray(value)) yield [field, name, value]
    else for (const [i, element] of value.entries()) yield [field, `${name}.${i}`, element]
  }
}

/** A module tree as torch prints it. */
function printed(module: AnyModule): string {
  const children = [...module.children()]
  if (children.length === 0) return `${module.kind}(${module.describe()})`
  const lines = children.map(([name, child]) => `  (${name}): ${printed(child).replaceAll('\n', '\n  ')}`)
  return `${module.kind}(\n${lines.join('\n')}\n)`
}

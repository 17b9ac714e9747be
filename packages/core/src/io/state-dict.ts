import { EspalierError, listed } from '@espalier/data'
import * as tf from '../engine/tf.js'
import { BatchNorm } from '../nn/batch-norm.js'
import type { AnyModule, Weight } from '../nn/module.js'
import { toFloat32 } from './convert.js'
import { inverse, permute } from './permute.js'
import type { SafeTensor, Written } from './safetensors.js'

const counter = 'num_batches_tracked'

/**
 * Every weight of a module by name, in torch's names, order and layout: what `writeSafetensors` takes and
 * `load_state_dict` of PyTorch accepts.
 */
export function stateDict(module: AnyModule): Map<string, Written> {
  const dict = new Map<string, Written>()
  const norms = batchNorms(module)
  for (const weight of module.weights()) {
    const { shape } = weight.variable
    const data = weight.variable.dataSync<'float32'>()
    dict.set(weight.path, weight.axes ? permute(data, shape, weight.axes) : { data, shape })
    const norm = norms.get(weight.owner)
    if (norm && weight.name === 'running_var') {
      dict.set(`${pathOf(weight)}${counter}`, {
        shape: [],
        data: BigInt64Array.of(BigInt(norm.batchesTracked)),
      })
    }
  }
  return dict
}

/** How exact a state dict must fit. */
export interface LoadOptions {
  /** False: weights that the file lacks keep their value, and those it has too many of are left out. */
  readonly strict?: boolean
}

/** What a load that is not strict left undone. */
export interface LoadReport {
  readonly missing: readonly string[]
  readonly unexpected: readonly string[]
}

/**
 * Sets the weights of a module from a torch state dict. Everything is checked before anything is changed: a
 * weight that is missing, unexpected or of another shape is named in the error.
 */
export function loadStateDict(
  module: AnyModule,
  dict: ReadonlyMap<string, SafeTensor>,
  { strict = true }: LoadOptions = {},
): LoadReport {
  const weights = [...module.weights()]
  const known = new Set(weights.map((w) => w.path))
  const missing = weights.filter((w) => !dict.has(w.path)).map((w) => w.path)
  const unexpected = [...dict.keys()].filter((key) => !known.has(key) && !key.endsWith(counter))
  const shapes = weights.flatMap((w) => {
    const [want, got] = [torchShape(w), dict.get(w.path)?.shape]
    return got && String(got) !== String(want) ? [`${w.path} is [${got}], expected [${want}]`] : []
  })
  const problems = [
    ...(shapes.length ? [`${shapes.length} of another shape: ${listed(shapes)}`] : []),
    ...(strict && missing.length ? [`${missing.length} missing: ${listed(missing)}`] : []),
    ...(strict && unexpected.length ? [`${unexpected.length} unexpected: ${listed(unexpected)}`] : []),
  ]
  if (problems.length > 0) {
    throw new EspalierError(
      'weights/mismatch',
      `these weights do not fit the ${module.kind}: ${problems.join('; ')}`,
      {
        fix: shapes.length
          ? 'check that architecture and file belong together'
          : 'check that architecture, options and file belong together; strict: false loads what fits by name',
      },
    )
  }
  for (const { path } of weights) checkNumbers(path, dict.get(path))
  const norms = batchNorms(module)
  for (const weight of weights) {
    const stored = dict.get(weight.path)
    if (!stored) continue
    assign(weight, toFloat32(weight.path, stored))
    const batches = dict.get(`${pathOf(weight)}${counter}`)
    const norm = norms.get(weight.owner)
    if (norm && batches) norm.batchesTracked = toFloat32(counter, batches)[0] ?? 0
  }
  return { missing, unexpected }
}

/** Throws where float32 cannot hold what is stored; numbers of 16 and 32 bits always fit. */
function checkNumbers(path: string, stored: SafeTensor | undefined): void {
  if (stored && !['F32', 'F16', 'BF16'].includes(stored.dtype)) toFloat32(path, stored)
}

/** The shape of a weight as torch has it. */
export function torchShape({ axes, variable }: Weight): number[] {
  return axes ? axes.map((a) => variable.shape[a]!) : variable.shape
}

/** Sets a weight from numbers in torch's layout. */
function assign(weight: Weight, data: Float32Array): void {
  const { variable, axes } = weight
  const ours = axes ? permute(data, torchShape(weight), inverse(axes)).data : data
  const value = tf.tensor(ours, variable.shape)
  variable.assign(value)
  value.dispose()
}

function pathOf({ path, name }: Weight): string {
  return path.slice(0, path.length - name.length)
}

function batchNorms(module: AnyModule): Map<AnyModule, BatchNorm> {
  return new Map(
    [...module.modules()].flatMap(([, m]) => (m instanceof BatchNorm ? [[m as AnyModule, m] as const] : [])),
  )
}

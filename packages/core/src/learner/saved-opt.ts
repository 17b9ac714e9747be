import { EspalierError, listed, reasonOf } from '@espalier/data'
import * as tf from '../engine/tf.js'
import { toFloat32 } from '../io/convert.js'
import type { SafeTensor, Written } from '../io/safetensors.js'
import type { Optimizer } from '../optim/optimizer.js'

type Params = ReadonlyMap<string, tf.Variable>

/** What is saved of an optimizer besides its tensors. */
export interface OptData {
  readonly steps: readonly string[]
  /** By group. */
  readonly hypers: readonly Readonly<Record<string, number>>[]
  readonly params: readonly {
    readonly name: string
    readonly count: number
    readonly slots: readonly string[]
  }[]
}

/** What an optimizer remembers: data, and tensors called `<slot>/<parameter>`. */
export function stateOfOpt(
  { steps, hypers, state }: Optimizer,
  named: Params,
): { readonly data: OptData; readonly slots: ReadonlyMap<string, Written> } {
  const tensors = new Map<string, Written>()
  const params = [...named].flatMap(([name, param]) => {
    const { count, slots } = state.get(param) ?? {}
    if (count === undefined || !slots) return []
    for (const [slot, value] of slots) {
      tensors.set(`${slot}/${name}`, { shape: value.shape, data: value.dataSync<'float32'>() })
    }
    return [{ name, count, slots: [...slots.keys()] }]
  })
  const data = { steps: steps.map((s) => s.name), hypers: hypers.map((h) => ({ ...h })), params }
  return { data, slots: tensors }
}

/** The state of an optimizer that was read and found to fit. */
export interface FittingOpt {
  readonly hypers: OptData['hypers']
  readonly states: readonly {
    readonly param: tf.Variable
    readonly count: number
    readonly slots: readonly (readonly [name: string, values: Float32Array])[]
  }[]
}

/** Reads what a file says of an optimizer. Throws where it is that of another one. */
export async function fittingOpt(
  path: string,
  text: string,
  tensors: ReadonlyMap<string, SafeTensor>,
  opt: Optimizer,
  named: Params,
): Promise<FittingOpt> {
  const { steps, hypers, params } = await parsed(path, text)
  const ours = opt.steps.map((s) => s.name)
  const odd: string[] = []
  if (String(steps) !== String(ours)) odd.push(`steps ${steps.join(' → ')} instead of ${ours.join(' → ')}`)
  if (hypers.length !== opt.groups.length) odd.push(`${hypers.length} groups instead of ${opt.groups.length}`)
  const states = params.flatMap(({ name, count, slots }) => {
    const param = named.get(name)
    const found = slots.flatMap((slot) => {
      const stored = tensors.get(`${slot}/${name}`)
      const fits = stored && String(stored.shape) === String(param?.shape)
      return fits ? [[slot, toFloat32(name, stored)] as const] : []
    })
    if (param && found.length === slots.length) return [{ param, count, slots: found }]
    odd.push(name)
    return []
  })
  if (odd.length === 0) return { hypers, states }
  throw new EspalierError(
    'load/optimizer',
    `what '${path}' holds of an optimizer does not fit this learner: ${listed(odd)}`,
    { fix: 'make the learner with the same optFunc and splitter, or say withOpt: false' },
  )
}

/** Puts an optimizer into a state that fits it. */
export function setOpt(opt: Optimizer, { hypers, states }: FittingOpt): void {
  opt.clearState()
  tf.tidy(() => {
    for (const { param, count, slots } of states) {
      const variables = slots.map(
        ([name, values]) => [name, tf.variable(tf.tensor(values, param.shape), false)] as const,
      )
      opt.state.set(param, { count, slots: new Map(variables) })
    }
  })
  for (const [i, h] of opt.hypers.entries()) Object.assign(h, hypers[i])
}

async function parsed(path: string, text: string): Promise<OptData> {
  const { z } = await import('zod')
  const param = z.strictObject({
    name: z.string(),
    count: z.number().int().min(0),
    slots: z.array(z.string()),
  })
  const schema = z.strictObject({
    steps: z.array(z.string()),
    hypers: z.array(z.record(z.string(), z.number())),
    params: z.array(param),
  })
  try {
    return schema.parse(JSON.parse(text))
  } catch (cause) {
    const reason = reasonOf(cause).split('\n')[0]
    throw new EspalierError('load/optimizer', `what '${path}' says of its optimizer is damaged: ${reason}`, {
      fix: 'say withOpt: false',
      cause,
    })
  }
}

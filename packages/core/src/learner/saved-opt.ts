import { EspalierError, listed, ndArray, reasonOf } from '@espalier/data'
import { toFloat32 } from '../io/convert.js'
import type { SafeTensor, Written } from '../io/safetensors.js'
import type { Optimizer } from '../optim/optimizer.js'
import { type OptimizerState, type SavedParam, stateProblems } from '../optim/optimizer-state.js'

/** The state of an optimizer as a file holds it: text, and tensors called `<group>.<index>/<slot>`. */
export interface WrittenOpt {
  readonly text: string
  readonly tensors: ReadonlyMap<string, Written>
}

/** What an optimizer remembers, to be written. */
export function writtenOpt(opt: Optimizer): WrittenOpt {
  const { hypers, params } = opt.stateDict()
  const steps = opt.steps.map((s) => s.name)
  const named = params.map(({ slots, ...param }) => ({ ...param, slots: Object.keys(slots) }))
  const tensors = params.flatMap(({ group, index, slots }) =>
    Object.entries(slots).map(
      ([slot, { shape, data }]) =>
        [`${group}.${index}/${slot}`, { shape, data: data as Float32Array }] as const,
    ),
  )
  return { text: JSON.stringify({ steps, hypers, params: named }), tensors: new Map(tensors) }
}

/** Reads what a file says of an optimizer. Throws where it is that of another one. */
export async function readOpt(
  path: string,
  text: string,
  tensors: ReadonlyMap<string, SafeTensor>,
  opt: Optimizer,
): Promise<OptimizerState> {
  const { steps, hypers, params } = await parsed(path, text)
  const ours = opt.steps.map((s) => s.name)
  if (String(steps) !== String(ours)) {
    throw unfit(path, `it has the steps ${steps.join(' → ')} instead of ${ours.join(' → ')}`)
  }
  const read = params.map(({ slots, ...param }): SavedParam => {
    const arrays = slots.flatMap((slot) => {
      const name = `${param.group}.${param.index}/${slot}`
      const stored = tensors.get(name)
      return stored ? [[slot, ndArray('float32', stored.shape, toFloat32(name, stored))] as const] : []
    })
    return { ...param, slots: Object.fromEntries(arrays) }
  })
  const state = { hypers, frozenIdx: opt.frozenIdx, params: read }
  const problems = stateProblems(opt, state)
  if (problems.length > 0) throw unfit(path, listed(problems))
  return state
}

function unfit(path: string, problem: string): EspalierError {
  return new EspalierError(
    'load/optimizer',
    `what '${path}' holds of an optimizer does not fit this learner: ${problem}`,
    { fix: 'make the learner with the same optFunc and splitter, or say withOpt: false' },
  )
}

async function parsed(path: string, text: string) {
  const { z } = await import('zod')
  const count = z.number().int().min(0)
  const param = z.strictObject({ group: count, index: count, count, slots: z.array(z.string()) })
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

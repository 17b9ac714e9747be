import type { Pointer } from '../native/library.js'
import type { Scratch } from '../native/memory.js'
import { arg, diffWeightsOverwrite, direction, propagation, query } from './constants.js'
import type { OneDnn } from './one-dnn.js'
import { type Builder, building, dense, reordering, Step } from './plan.js'

/** Sizes of an LSTM over a sequence, and the way it walks it. */
export interface LstmShapes {
  readonly b: number
  readonly steps: number
  readonly n: number
  readonly hidden: number
  readonly reverse: boolean
}

/** Places of what the forward pass takes and gives. */
export interface LstmPlaces {
  readonly x: Pointer
  readonly h: Pointer
  readonly c: Pointer
  readonly weightIh: Pointer
  readonly weightHh: Pointer
  readonly bias: Pointer
  readonly y: Pointer
  readonly lastH: Pointer
  readonly lastC: Pointer
  readonly workspace: Pointer
}

/** The same for the gradient, and the gradients themselves. */
export interface LstmGradPlaces extends LstmPlaces {
  readonly dy: Pointer
  readonly dLastH: Pointer
  readonly dLastC: Pointer
  readonly dx: Pointer
  readonly dh: Pointer
  readonly dc: Pointer
  readonly dWeightIh: Pointer
  readonly dWeightHh: Pointer
  readonly dBias: Pointer
}

/** An LSTM or its gradient, planned for one shape. */
export interface LstmPlan<P> {
  /** Bytes that the forward pass leaves for the gradient. */
  readonly workspace: number
  run(places: P): void
  destroy(): void
}

/** The forward pass: sequences are used where they lie, batch first, and weights as `[n, 4h]`. */
export function planLstm(dnn: OneDnn, shapes: LstmShapes, scratch: Scratch): LstmPlan<LstmPlaces> {
  return building(dnn, (b) => {
    const l = layouts(b, shapes)
    const forward = forwardPlan(b, shapes, l)
    const weights = packing(b, forward, l)
    const workspace = dnn.api.descriptorOf(forward, query.workspace, 0)!
    const step = new Step(dnn, 'lstm', forward, [...given(l, weights), [arg.workspace, workspace]])
    return {
      workspace: dnn.api.size(workspace),
      run(p) {
        step.run(...inputs(p, weights.pack(p, scratch)), p.workspace)
      },
      destroy: () => destroyAll(step, weights),
    }
  })
}

/** The gradient of everything at once. */
export function planLstmGrad(dnn: OneDnn, shapes: LstmShapes, scratch: Scratch): LstmPlan<LstmGradPlaces> {
  return building(dnn, (b) => {
    const l = layouts(b, shapes)
    const forward = forwardPlan(b, shapes, l)
    const plan = b.plan('lstm gradient', (out) =>
      dnn.api.planLstmGrad(
        out,
        dnn.engine,
        propagation.backward,
        way(shapes),
        ...outline(l),
        l.x,
        l.state,
        l.state,
        l.weightIh,
        l.weightHh,
        null,
        null,
        l.bias,
        l.y,
        l.state,
        l.state,
        diffWeightsOverwrite,
        forward,
        null,
      ),
    )
    const weights = packing(b, plan, l)
    const workspace = dnn.api.descriptorOf(forward, query.workspace, 0)!
    const step = new Step(dnn, 'lstm gradient', plan, [
      ...given(l, weights),
      [arg.workspace, workspace],
      [arg.dy, l.y],
      [arg.dLastH, l.state],
      [arg.dLastC, l.state],
      [arg.dx, l.x],
      [arg.dh, l.state],
      [arg.dc, l.state],
      [arg.dFilter, l.weightIh],
      [arg.dWeightHh, l.weightHh],
      [arg.dBias, l.bias],
    ])
    return {
      workspace: dnn.api.size(workspace),
      run(p) {
        const { dy, dLastH, dLastC, dx, dh, dc, dWeightIh, dWeightHh, dBias } = p
        const given = inputs(p, weights.pack(p, scratch))
        step.run(...given, p.workspace, dy, dLastH, dLastC, dx, dh, dc, dWeightIh, dWeightHh, dBias)
      },
      destroy: () => destroyAll(step, weights),
    }
  })
}

type Layouts = Readonly<
  Record<'x' | 'y' | 'state' | 'weightIh' | 'weightHh' | 'anyIh' | 'anyHh' | 'bias', Pointer>
>

const way = ({ reverse }: LstmShapes) => (reverse ? direction.backwards : direction.forwards)

/** oneDNN names sizes steps, batch, features; ours lie batch first. It wants weights as layer, direction, n, gate, h. */
function layouts(b: Builder, { b: batch, steps, n, hidden }: LstmShapes): Layouts {
  const sequence = (features: number) => b.layout([steps, batch, features], [features, steps * features, 1])
  const weights = (rows: number) => {
    const dims = [1, 1, rows, 4, hidden]
    return { plain: b.layout(dims, dense(dims)), any: b.anyLayout(dims) }
  }
  const [ih, hh] = [weights(n), weights(hidden)]
  const state = [1, 1, batch, hidden]
  const bias = [1, 1, 4, hidden]
  return {
    x: sequence(n),
    y: sequence(hidden),
    state: b.layout(state, dense(state)),
    weightIh: ih.plain,
    weightHh: hh.plain,
    anyIh: ih.any,
    anyHh: hh.any,
    bias: b.layout(bias, dense(bias)),
  }
}

/** What forward and backward plans have in common, in the order that oneDNN takes it. */
function outline(l: Layouts) {
  const { x, state, anyIh, anyHh, bias, y } = l
  return [x, state, state, anyIh, anyHh, null, null, bias, y, state, state] as const
}

function forwardPlan(b: Builder, shapes: LstmShapes, l: Layouts): Pointer {
  const { api, engine } = b.dnn
  return b.plan('lstm', (out) =>
    api.planLstm(out, engine, propagation.training, way(shapes), ...outline(l), 0, null),
  )
}

/** Brings the two weights into the layouts that a plan likes, in memory that all plans share. */
interface Packing {
  readonly ih: Pointer
  readonly hh: Pointer
  pack(places: LstmPlaces, scratch: Scratch): readonly [ih: Pointer, hh: Pointer]
  destroy(): void
}

function packing(b: Builder, plan: Pointer, { weightIh, weightHh }: Layouts): Packing {
  const { api } = b.dnn
  const [ih, hh] = [arg.filter, arg.weightHh].map((a) => api.descriptorOf(plan, query.argument, a)!) as [
    Pointer,
    Pointer,
  ]
  const [first, second] = [reordering(b, weightIh, ih), reordering(b, weightHh, hh)]
  // What describes them is the plan's, and gone with it: sizes are asked for now.
  const [bytes, more] = [(Math.ceil(api.size(ih) / 64) + 1) * 64, api.size(hh)]
  return {
    ih,
    hh,
    pack(p, scratch) {
      if (!first && !second) return [p.weightIh, p.weightHh]
      const at = scratch.reserve(bytes + more)
      const places = [first ? at : p.weightIh, second ? at + BigInt(bytes) : p.weightHh] as const
      first?.run(p.weightIh, places[0])
      second?.run(p.weightHh, places[1])
      return places
    },
    destroy: () => destroyAll(first, second),
  }
}

function given(l: Layouts, { ih, hh }: Packing) {
  return [
    [arg.x, l.x],
    [arg.h, l.state],
    [arg.c, l.state],
    [arg.filter, ih],
    [arg.weightHh, hh],
    [arg.bias, l.bias],
    [arg.y, l.y],
    [arg.lastH, l.state],
    [arg.lastC, l.state],
  ] as const
}

function inputs(p: LstmPlaces, [ih, hh]: readonly [Pointer, Pointer]) {
  return [p.x, p.h, p.c, ih, hh, p.bias, p.y, p.lastH, p.lastC] as const
}

function destroyAll(...parts: readonly ({ destroy(): void } | undefined)[]): void {
  for (const part of parts) part?.destroy()
}

import type { Pointer } from '../native/library.js'
import type { Scratch } from '../native/memory.js'
import { arg, diffWeightsOverwrite, direction, propagation, query } from './constants.js'
import type { OneDnn } from './one-dnn.js'
import { packing } from './packing.js'
import { type Builder, building, dense, destroyAll, Step } from './plan.js'

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

/** The forward pass: sequences are given where they lie, batch first, and weights as `[n, 4h]`. */
export function planLstm(dnn: OneDnn, shapes: LstmShapes, scratch: Scratch): LstmPlan<LstmPlaces> {
  return building(dnn, (b) => {
    const l = layouts(b, shapes)
    const forward = forwardPlan(b, shapes, l)
    const liked = likedBy(b, forward)
    const workspace = dnn.api.descriptorOf(forward, query.workspace, 0)!
    const step = new Step(dnn, 'lstm', forward, [...given({ ...l, ...liked }), [arg.workspace, workspace]])
    const packed = packing(b, l, liked, scratch, 'y')
    return {
      workspace: dnn.api.size(workspace),
      run: (places) => packed.within(places, (p) => step.run(...inputs(p), p.workspace)),
      destroy: () => destroyAll(step, packed),
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
    const liked = likedBy(b, plan)
    const workspace = dnn.api.descriptorOf(forward, query.workspace, 0)!
    const step = new Step(dnn, 'lstm gradient', plan, [
      ...given({ ...l, ...liked }),
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
    const packed = packing(b, l, liked, scratch)
    return {
      workspace: dnn.api.size(workspace),
      run(places) {
        const { workspace, dy, dLastH, dLastC, dx, dh, dc, dWeightIh, dWeightHh, dBias } = places
        const gradients = [dx, dh, dc, dWeightIh, dWeightHh, dBias]
        packed.within(places, (p) => step.run(...inputs(p), workspace, dy, dLastH, dLastC, ...gradients))
      },
      destroy: () => destroyAll(step, packed),
    }
  })
}

/** What is computed with: `x1` and `y1` are `x` and `y` with the steps first. */
type Layouts = Readonly<
  Record<'x' | 'x1' | 'y' | 'y1' | 'state' | 'weightIh' | 'weightHh' | 'anyIh' | 'anyHh' | 'bias', Pointer>
>

const way = ({ reverse }: LstmShapes) => (reverse ? direction.backwards : direction.forwards)

/**
 * oneDNN names sizes steps, batch, features; sequences of ours lie batch first. It wants weights as layer, direction, n,
 * gate, h.
 */
function layouts(b: Builder, { b: batch, steps, n, hidden }: LstmShapes): Layouts {
  const stepsFirst = (features: number) => b.layout([steps, batch, features], dense([steps, batch, features]))
  const batchFirst = (features: number) => b.layout([steps, batch, features], [features, steps * features, 1])
  const sequence = batch === 1 || steps === 1 ? stepsFirst : batchFirst // Of one both are the same.
  const weights = (rows: number) => {
    const dims = [1, 1, rows, 4, hidden]
    return { plain: b.layout(dims, dense(dims)), any: b.anyLayout(dims) }
  }
  const [ih, hh] = [weights(n), weights(hidden)]
  const state = [1, 1, batch, hidden]
  const bias = [1, 1, 4, hidden]
  return {
    x: sequence(n),
    x1: stepsFirst(n),
    y: sequence(hidden),
    y1: stepsFirst(hidden),
    state: b.layout(state, dense(state)),
    weightIh: ih.plain,
    weightHh: hh.plain,
    anyIh: ih.any,
    anyHh: hh.any,
    bias: b.layout(bias, dense(bias)),
  }
}

/**
 * What forward and backward plans have in common, in the order that oneDNN takes it. With the steps first the gradient of
 * each weight is one product over all steps, which is worth the copies.
 */
function outline({ x1, state, anyIh, anyHh, bias, y1 }: Layouts) {
  return [x1, state, state, anyIh, anyHh, null, null, bias, y1, state, state] as const
}

function forwardPlan(b: Builder, shapes: LstmShapes, l: Layouts): Pointer {
  const { api, engine } = b.dnn
  return b.plan('lstm', (out) =>
    api.planLstm(out, engine, propagation.training, way(shapes), ...outline(l), 0, null),
  )
}

/** What a plan likes otherwise than it is given. */
function likedBy({ dnn: { api } }: Builder, plan: Pointer) {
  const argument = (a: number) => api.descriptorOf(plan, query.argument, a)!
  return {
    x: argument(arg.x),
    weightIh: argument(arg.filter),
    weightHh: argument(arg.weightHh),
    y: argument(arg.y),
  }
}

function given(l: Layouts) {
  return [
    [arg.x, l.x],
    [arg.h, l.state],
    [arg.c, l.state],
    [arg.filter, l.weightIh],
    [arg.weightHh, l.weightHh],
    [arg.bias, l.bias],
    [arg.y, l.y],
    [arg.lastH, l.state],
    [arg.lastC, l.state],
  ] as const
}

function inputs({ x, h, c, weightIh, weightHh, bias, y, lastH, lastC }: LstmPlaces) {
  return [x, h, c, weightIh, weightHh, bias, y, lastH, lastC] as const
}

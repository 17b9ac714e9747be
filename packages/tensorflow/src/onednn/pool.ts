import type { PoolAttrs } from '@espalier/core/kernels'
import type { Pointer } from '../native/library.js'
import { algorithm, arg, propagation, query } from './constants.js'
import { channelsFirst, channelsLast } from './conv.js'
import { int64, type OneDnn } from './one-dnn.js'
import { type Builder, building, Step } from './plan.js'

/** A pooling or its gradient, planned for one shape. `workspace` says where maxima came from. */
export interface PoolPlan {
  /** Bytes of workspace; 0 for means. */
  readonly workspace: number
  run(from: Pointer, to: Pointer, workspace: Pointer | undefined): void
  destroy(): void
}

/** The poolings that oneDNN does. */
export type PoolKind = 'maxPool' | 'avgPool'

/** `x` → y, and the workspace. */
export function planPool(dnn: OneDnn, kind: PoolKind, attrs: PoolAttrs, size: readonly number[]): PoolPlan {
  return building(dnn, (b) => {
    const { x, y, forward } = planned(b, kind, attrs, size)
    return poolStep(dnn, kind, forward, forward, [arg.x, x], [arg.y, y])
  })
}

/** `dy`, and the workspace, → dx. */
export function planPoolGrad(
  dnn: OneDnn,
  kind: PoolKind,
  attrs: PoolAttrs,
  size: readonly number[],
): PoolPlan {
  return building(dnn, (b) => {
    const { x, y, forward, geometry } = planned(b, kind, attrs, size)
    const plan = b.plan(`${kind} gradient`, (out) =>
      dnn.api.planPoolGrad(out, dnn.engine, algorithm[kind], x, y, ...geometry, forward, null),
    )
    return poolStep(dnn, `${kind} gradient`, plan, forward, [arg.dy, y], [arg.dx, x])
  })
}

type Arg = readonly [number, Pointer]

function poolStep(dnn: OneDnn, what: string, plan: Pointer, forward: Pointer, from: Arg, to: Arg): PoolPlan {
  const { api } = dnn
  const layout = api.descriptorOf(forward, query.workspace, 0)
  const workspace = layout === null ? 0 : api.size(layout)
  const step = new Step(dnn, what, plan, workspace > 0 ? [from, to, [arg.workspace, layout!]] : [from, to])
  return {
    workspace,
    run: (source, target, place) =>
      place === undefined ? step.run(source, target) : step.run(source, target, place),
    destroy: () => step.destroy(),
  }
}

function planned(b: Builder, kind: PoolKind, attrs: PoolAttrs, [h, w]: readonly number[]) {
  const { dnn } = b
  const { kernel, stride, padding, inputShape } = attrs
  const outputShape = [inputShape[0], h!, w!, inputShape[3]] as const
  // Where sizes are rounded up, the last windows reach further over the edge than the padding.
  const after = ([0, 1] as const).map(
    (i) => (outputShape[i + 1]! - 1) * stride[i] + kernel[i] - inputShape[i + 1]! - padding[i],
  )
  const geometry = [int64(stride), int64(kernel), int64([0, 0]), int64(padding), int64(after)] as const
  const x = b.layout(channelsFirst(inputShape), channelsLast(inputShape))
  const y = b.layout(channelsFirst(outputShape), channelsLast(outputShape))
  const forward = b.plan(kind, (out) =>
    dnn.api.planPool(out, dnn.engine, propagation.training, algorithm[kind], x, y, ...geometry, null),
  )
  return { x, y, forward, geometry }
}

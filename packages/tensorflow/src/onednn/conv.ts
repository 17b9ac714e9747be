import type { ConvAttrs } from '@espalier/core/kernels'
import type { Pointer } from '../native/library.js'
import type { Scratch } from '../native/memory.js'
import { algorithm, arg, propagation, query } from './constants.js'
import { int64, type OneDnn } from './one-dnn.js'
import { packing } from './packing.js'
import { type Builder, building, destroyAll, Step } from './plan.js'

type Shape4 = readonly [number, number, number, number]

/** Sizes of a convolution: `x` and `y` as `[b, h, w, c]`, `filter` as `[kh, kw, cIn / groups, cOut]`. */
export interface ConvShapes {
  readonly x: Shape4
  readonly filter: Shape4
  readonly y: Shape4
}

/**
 * A convolution or one of its gradients, planned for one shape. Images are used where they lie; filters are
 * brought into the layout that the primitive likes, in memory that all plans share.
 */
export interface ConvPlan {
  /** Places of the two operands and of the result, in the order of the kernel's inputs and output. */
  run(a: Pointer, b: Pointer, result: Pointer): void
  destroy(): void
}

/** `x`, `filter` → y. */
export function planConv(dnn: OneDnn, shapes: ConvShapes, attrs: ConvAttrs, scratch: Scratch): ConvPlan {
  return building(dnn, (b) => {
    const { x, filter, y, forward } = planned(b, shapes, attrs)
    const liked = b.dnn.api.descriptorOf(forward, query.filter, 0)!
    const packed = packing(b, { filter }, { filter: liked }, scratch)
    const step = new Step(dnn, 'conv2d', forward, [
      [arg.x, x],
      [arg.filter, liked],
      [arg.y, y],
    ])
    return {
      run: (x, filter, y) => packed.within({ filter }, (p) => step.run(x, p.filter, y)),
      destroy: () => destroyAll(step, packed),
    }
  })
}

/** `dy`, `filter` → dx. */
export function planConvInputGrad(
  dnn: OneDnn,
  shapes: ConvShapes,
  attrs: ConvAttrs,
  scratch: Scratch,
): ConvPlan {
  return building(dnn, (b) => {
    const { x, filter, anyFilter, y, forward, geometry } = planned(b, shapes, attrs)
    const plan = b.plan('conv2d input gradient', (out) =>
      dnn.api.planConvInputGrad(
        out,
        dnn.engine,
        algorithm.convolution,
        x,
        anyFilter,
        y,
        ...geometry,
        forward,
        null,
      ),
    )
    const liked = dnn.api.descriptorOf(plan, query.filter, 0)!
    const packed = packing(b, { filter }, { filter: liked }, scratch)
    const step = new Step(dnn, 'conv2d input gradient', plan, [
      [arg.dy, y],
      [arg.filter, liked],
      [arg.dx, x],
    ])
    return {
      run: (dy, filter, dx) => packed.within({ filter }, (p) => step.run(dy, p.filter, dx)),
      destroy: () => destroyAll(step, packed),
    }
  })
}

/** `x`, `dy` → dFilter. */
export function planConvFilterGrad(
  dnn: OneDnn,
  shapes: ConvShapes,
  attrs: ConvAttrs,
  scratch: Scratch,
): ConvPlan {
  return building(dnn, (b) => {
    const { x, filter, anyFilter, y, forward, geometry } = planned(b, shapes, attrs)
    const plan = b.plan('conv2d filter gradient', (out) =>
      dnn.api.planConvFilterGrad(
        out,
        dnn.engine,
        algorithm.convolution,
        x,
        anyFilter,
        null,
        y,
        ...geometry,
        forward,
        null,
      ),
    )
    const liked = dnn.api.descriptorOf(plan, query.dFilter, 0)!
    const packed = packing(b, { dFilter: filter }, { dFilter: liked }, scratch, 'dFilter')
    const step = new Step(dnn, 'conv2d filter gradient', plan, [
      [arg.x, x],
      [arg.dy, y],
      [arg.dFilter, liked],
    ])
    return {
      run: (x, dy, dFilter) => packed.within({ dFilter }, (p) => step.run(x, dy, p.dFilter)),
      destroy: () => destroyAll(step, packed),
    }
  })
}

/** The layouts of a convolution and its forward plan, which the gradients want to see too. */
function planned(b: Builder, { x, filter, y }: ConvShapes, attrs: ConvAttrs) {
  const { dnn } = b
  const x1 = b.layout(channelsFirst(x), channelsLast(x))
  const y1 = b.layout(channelsFirst(y), channelsLast(y))
  const { dims, strides } = filterLayout(filter, attrs.groups)
  const anyFilter = b.anyLayout(dims)
  const geometry = [
    int64(attrs.stride),
    int64(attrs.dilation.map((d) => d - 1)),
    int64(attrs.padding),
    int64(attrs.padding),
  ] as const
  const forward = b.plan('conv2d', (out) =>
    dnn.api.planConv(
      out,
      dnn.engine,
      propagation.training,
      algorithm.convolution,
      x1,
      anyFilter,
      null,
      y1,
      ...geometry,
      null,
    ),
  )
  return { x: x1, y: y1, filter: b.layout(dims, strides), anyFilter, forward, geometry }
}

/** oneDNN names sizes `n, c, h, w` whatever the order in memory. */
export const channelsFirst = ([b, h, w, c]: Shape4): readonly number[] => [b, c, h, w]
/** Strides of the dimensions `b, c, h, w` over memory that holds `[b, h, w, c]`. */
export const channelsLast = ([, h, w, c]: Shape4): readonly number[] => [h * w * c, 1, w * c, c]

/** `[kh, kw, cIn / groups, cOut]` as oneDNN's `o, i, h, w`, or `g, o, i, h, w`. */
function filterLayout([kh, kw, cIn, cOut]: Shape4, groups: number) {
  const strides = [cOut, kw * cIn * cOut, cIn * cOut]
  return groups === 1
    ? { dims: [cOut, cIn, kh, kw], strides: [1, ...strides] }
    : { dims: [groups, cOut / groups, cIn, kh, kw], strides: [cOut / groups, 1, ...strides] }
}

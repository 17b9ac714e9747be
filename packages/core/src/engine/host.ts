import { allocate, sizeOf, type TypedArray } from '@espalier/data'
import { repeat, repeatDecision, unrepeatable } from './recording.js'
import * as tf from './tf.js'

/** How plain TypeScript reaches the numbers behind an engine's tensors, in place where the engine allows it. */
export interface HostAccess {
  /** Called with all tensors that views are about to be taken of, where moving one would end the views of others. */
  settle?(backend: tf.KernelBackend, tensors: readonly tf.TensorInfo[]): void
  /** The numbers of a tensor; valid until the engine allocates again. */
  view(backend: tf.KernelBackend, tensor: tf.TensorInfo): TypedArray
  /**
   * True where the memory of a tensor is its alone and may be written while it lives. Default: never, as on wasm, whose
   * products keep packed forms of the matrices that they have seen.
   */
  owns?(backend: tf.KernelBackend, tensor: tf.TensorInfo): boolean
  /** A new tensor; its numbers are written through `view`. */
  create(backend: tf.KernelBackend, shape: readonly number[], dtype: HostDType): tf.TensorInfo
}

/** The element types that are computed on the host. */
export type HostDType = 'float32' | 'int32'

/** Shape and element type of a result; float32 unless said. */
export interface HostSpec {
  readonly shape: readonly number[]
  readonly dtype?: HostDType
  /** Every number will be written: it need not be 0 before. */
  readonly unset?: boolean
}

const accesses = new Map<string, HostAccess>()

/** Tells how to reach the tensors of a backend; without this they are downloaded and uploaded. */
export function registerHostAccess(backend: string, access: HostAccess): void {
  accesses.set(backend, access)
}

/**
 * Computes new tensors with plain loops over typed arrays: for kernels that no engine has and that move memory
 * rather than multiply matrices. `outs` arrive zeroed.
 */
export function hostCompute(
  inputs: readonly tf.TensorInfo[],
  outputs: readonly HostSpec[],
  compute: (ins: readonly TypedArray[], outs: readonly TypedArray[]) => void,
): tf.Tensor[] {
  const engine = tf.engine()
  const { backend } = engine
  const access = hostAccess()
  const created = outputs.map(({ shape, dtype = 'float32' }) => access.create(backend, shape, dtype))
  const ins = viewsOf(inputs)
  const outs = created.map((t) => access.view(backend, t))
  repeat(() => {
    for (const [i, out] of outs.entries()) if (!outputs[i]!.unset) out.fill(0)
    compute(ins, outs)
  })
  return created.map((info, i) =>
    access === copying
      ? tf.tensor(outs[i] as Float32Array, info.shape, info.dtype)
      : (engine.makeTensorFromTensorInfo(info) as tf.Tensor),
  )
}

/**
 * A gradient that plain loops add to what other uses of its tensor came to: in place where nobody else sees that, and
 * else to zeros, as a tensor of its own.
 */
export function hostAccumulate(
  before: tf.Tensor | undefined,
  shape: readonly number[],
  inputs: readonly tf.TensorInfo[],
  add: (ins: readonly TypedArray[], to: Float32Array) => void,
): tf.Tensor {
  const { backend } = tf.engine()
  if (!before || !hostAccess().owns?.(backend, before))
    return hostCompute(inputs, [{ shape }], (ins, [to]) => add(ins, to as Float32Array))[0]!
  const [to, ...ins] = viewsOf([before, ...inputs])
  repeat(() => add(ins, to as Float32Array))
  return before
}

/** How the current engine lets its tensors be reached. */
export function hostAccess(): HostAccess {
  return accesses.get(tf.engine().backendName) ?? copying
}

/** The numbers of some tensors, all at once. */
export function viewsOf(tensors: readonly tf.TensorInfo[]): TypedArray[] {
  const { backend } = tf.engine()
  const access = hostAccess()
  access.settle?.(backend, tensors)
  return tensors.map((t) => access.view(backend, t))
}

const pending = new WeakMap<object, TypedArray>()

/** For engines whose memory cannot be seen from here. */
const copying: HostAccess = {
  view: (backend, t) => pending.get(t.dataId) ?? (backend.readSync(t.dataId) as TypedArray),
  create(_, shape, dtype) {
    const dataId = {}
    pending.set(dataId, allocate(dtype, sizeOf(shape)))
    return { dataId, shape: [...shape], dtype }
  },
}

interface CpuBackend extends tf.KernelBackend {
  readonly data: { get(id: tf.DataId): { values: TypedArray } }
  makeTensorInfo(shape: number[], dtype: string, values: TypedArray): tf.TensorInfo
}

registerHostAccess('cpu', {
  view: (backend, t) => (backend as CpuBackend).data.get(t.dataId).values,
  create: (backend, shape, dtype) =>
    (backend as CpuBackend).makeTensorInfo([...shape], dtype, allocate(dtype, sizeOf(shape))),
})

interface WasmBackend extends tf.KernelBackend {
  readonly dataIdMap: { get(id: tf.DataId): unknown }
  makeOutput(shape: number[], dtype: string): tf.TensorInfo
  typedArrayFromHeap(t: tf.TensorInfo): TypedArray
}

registerHostAccess('wasm', {
  // Looking a tensor of another engine up moves it here, for which the heap may be replaced by a larger one.
  settle(backend, tensors) {
    for (const t of tensors) (backend as WasmBackend).dataIdMap.get(t.dataId)
  },
  view: (backend, t) => (backend as WasmBackend).typedArrayFromHeap(t),
  create: (backend, shape, dtype) => (backend as WasmBackend).makeOutput([...shape], dtype),
})

/** The numbers of a tensor: a view where the engine allows it, valid until it allocates again. */
export function readHost(tensor: tf.Tensor): TypedArray {
  unrepeatable()
  return viewsOf([tensor])[0]!
}

/** What follows from the numbers of tensors: a check that throws, or a value by which the caller chooses its way. */
export function hostDecision<T>(
  tensors: readonly tf.Tensor[],
  decide: (numbers: readonly TypedArray[]) => T,
): T {
  return repeatDecision(viewsOf(tensors), decide)
}

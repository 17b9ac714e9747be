import { EspalierError } from '@espalier/data'
import * as tf from '../engine/tf.js'

/** What the kernels here use of tfjs's WebAssembly backend. */
export interface WasmBackend extends tf.KernelBackend {
  readonly wasm: {
    _malloc(bytes: number): number
    _free(address: number): void
    /** What the compiled module exports; absent in builds that keep it to themselves. */
    readonly asm?: Readonly<Record<string, unknown>>
  }
  readonly dataIdMap: { get(id: tf.DataId): { readonly memoryOffset: number } }
  makeOutput(shape: number[], dtype: string): tf.TensorInfo
  disposeData(id: tf.DataId): boolean
  incRef(id: tf.DataId): void
}

/** Kernels by name, in the form that the backend is to have. */
export type WasmKernels = Readonly<
  Record<string, (inputs: never, attrs: never) => tf.TensorInfo | tf.TensorInfo[]>
>

/** The backend in use, for kernels that run on nothing else. */
export const wasmBackend = (): WasmBackend => tf.backend() as WasmBackend

/** The memory that tensors lie in, where it is one that another module can share. */
export function tensorMemory({ wasm }: WasmBackend): WebAssembly.Memory | undefined {
  const memory = Object.values(wasm.asm ?? {}).find((v) => v instanceof WebAssembly.Memory)
  const shared = typeof SharedArrayBuffer !== 'undefined' && memory?.buffer instanceof SharedArrayBuffer
  return shared ? undefined : memory
}

/** Where a tensor's numbers begin. Looking it up moves a tensor of another engine here. */
export const addressOf = (t: tf.TensorInfo): number => wasmBackend().dataIdMap.get(t.dataId).memoryOffset

/** How many numbers a tensor has. */
export const sizeOf = (t: tf.TensorInfo): number => tf.util.sizeFromShape(t.shape)

/** An uninitialized float32 tensor. */
export const output = (shape: readonly number[]): tf.TensorInfo =>
  wasmBackend().makeOutput([...shape], 'float32')

/** Runs something with the address of a piece of memory that is given back afterwards. */
export function withScratch<T>(bytes: number, use: (address: number) => T): T {
  const { wasm } = wasmBackend()
  const address = wasm._malloc(bytes)
  try {
    return use(address)
  } finally {
    wasm._free(address)
  }
}

/**
 * Where the backend's memory ends, at 4 GB, its allocator may wrap around and hand out what others use: what could
 * reach so far is refused before, and so are pieces of 2 GB, whose size it takes for a negative number.
 */
export function guardMemory({ wasm }: WasmBackend, memory: WebAssembly.Memory | undefined): void {
  // The first call replaces the function by the compiled one.
  wasm._free(wasm._malloc(8))
  const allocate = wasm._malloc
  wasm._malloc = (bytes) => {
    const fits = bytes < 2 ** 31 && bytes + (memory?.buffer.byteLength ?? 0) <= 2 ** 32
    const address = fits ? allocate(bytes) >>> 0 : 0
    if (address === 0 && bytes > 0) {
      throw new EspalierError(
        'engine/memory',
        `wasm has no room for ${bytes} bytes: its memory ends at 4 GB, and a tensor at 2`,
        { fix: 'use smaller batches or images, or the native engine' },
      )
    }
    return address
  }
}

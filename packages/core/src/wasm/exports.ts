import { binary } from './binary.js'

/** An address of float32 numbers, unless a kernel says otherwise. */
type Address = number

/** The kernels of `assembly/`, as compiled. */
export interface Exports {
  /** Per channel Σ(x − shift) and Σ(x − shift)², float64. */
  momentSums(x: Address, shift: Address, rows: number, c: number, sums: Address, squares: Address): void
  normalize(
    x: Address,
    mean: Address,
    scale: Address,
    bias: Address,
    y: Address,
    rows: number,
    c: number,
  ): void
  /** Per channel Σdy and Σdy·(x − mean), float64. */
  normGradSums(
    dy: Address,
    x: Address,
    mean: Address,
    rows: number,
    c: number,
    sums: Address,
    products: Address,
  ): void
  /** `channels` holds mean, scale, level and slope. */
  normGrad(dy: Address, x: Address, channels: Address, dx: Address, rows: number, c: number): void
  reluGrad(dy: Address, y: Address, max: number, dx: Address, n: number): void
  /** After `runs`, room for 12 bytes a row: b, h, w, cIn, oh, ow, cOut, kh, kw, stride, dilation, padding. */
  filterGrad(x: Address, dy: Address, out: Address, runs: Address, ...geometry: readonly number[]): void
  /** The numbers after the float64 `sums`: b, h, w, c, oh, ow, kh, kw, stride, dilation, padding. */
  depthwiseFilterGrad(x: Address, dy: Address, sums: Address, ...geometry: readonly number[]): void
}

/** Compiles the kernels onto a memory. */
export async function instantiate(memory: WebAssembly.Memory): Promise<Exports> {
  const bytes = Uint8Array.from(atob(binary), (c) => c.charCodeAt(0))
  const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } })
  return instance.exports as unknown as Exports
}

/**
 * Kernels that tfjs's WebAssembly backend lacks, in AssemblyScript, on its memory: arrays are addresses of float32
 * numbers, channels last. `pnpm assemble` compiles them into `src/wasm/binary.ts`.
 */
export { momentSums, normalize, normGrad, normGradSums } from './batch-norm'
export { depthwiseFilterGrad } from './depthwise'
export { filterGrad } from './filter-grad'
export { reluGrad } from './relu'

/**
 * What the tests of every package share.
 * @module
 */
export { goldenFolder, kernelConformance } from './conformance/kernels.case.js'
export { type Named, operations, toTensor } from './conformance/operations.js'
export { compare, type Difference } from './golden/compare.js'
export { type ExpectedTensor, GoldenCase, type GoldenJson, isTensor } from './golden/golden-case.js'
export { type FillRule, fill, mulberry32 } from './golden/prng.js'
export { caseNames, readCase, topics } from './golden/read.js'
export { expectNoLeaks, type Held, held } from './leaks.js'

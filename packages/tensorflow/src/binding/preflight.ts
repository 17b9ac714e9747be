import { totalmem } from 'node:os'
import { EspalierError } from '@espalier/data'
import { conditionOf } from './conditions.js'
import { elementOf } from './data-types.js'
import { type Call, describe } from './execute.js'
import { outputSize, type See } from './output-sizes.js'
import { checkSignature } from './signatures.js'

/** TensorFlow counts many things in 32 bits; beyond this it may abort instead of failing. */
const maxElements = 2 ** 31 - 1

/** The memory of this machine, or as much as this process may have of it. */
export function machineMemory(): number {
  const constrained = process.constrainedMemory()
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()
}

/** Refuses what would make TensorFlow abort the process; what is left, it reports by itself. */
export class Preflight {
  readonly #memory: number

  /** `memory` is how many bytes one tensor may have. */
  constructor(memory: number) {
    this.#memory = memory
  }

  /** Inputs that an operation does not take, and results that cannot be. `see` gives the numbers of a small input. */
  checkCall(call: Call, see: See): void {
    checkSignature(call)
    const problem = conditionOf(call, see)
    if (problem) throw new EspalierError('engine/call', `${describe(call)}: ${problem}`)
    const size = outputSize(call, see)
    if (size === undefined) return
    if (size < 0) throw new EspalierError('engine/size', `${describe(call)}: a size is negative`)
    this.#checkSize(() => `${describe(call)}: the result`, size, 4)
  }

  /** The number of elements of a shape, which must be one. */
  checkShape(shape: readonly number[], dtype: number): number {
    const { name, bytes } = elementOf(dtype)
    const what = () => `a tensor of ${name} [${shape}]`
    if (!shape.every((n) => Number.isSafeInteger(n) && n >= 0)) {
      throw new EspalierError('engine/shape', `${what()}: sizes must be whole numbers ≥ 0`)
    }
    const size = shape.reduce((n, d) => n * d, 1)
    this.#checkSize(what, Math.max(size, ...shape), bytes)
    return size
  }

  #checkSize(what: () => string, size: number, bytes: number): void {
    if (size > maxElements) {
      throw new EspalierError(
        'engine/size',
        `${what()} would have ${size} elements, more than ${maxElements}`,
      )
    }
    if (size * bytes <= this.#memory) return
    throw new EspalierError(
      'engine/memory',
      `${what()} would take ${gib(size * bytes)}, and there are ${gib(this.#memory)}`,
      { fix: 'use a smaller batch, smaller images or shorter sequences' },
    )
  }
}

const gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`

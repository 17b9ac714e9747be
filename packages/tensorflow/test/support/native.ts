import { setNativeEngine } from '@espalier/core'
import { describe, it } from 'vitest'
import { locateTensorflow } from '../../src/locate/locate-tensorflow.js'

/** The libraries under test; nothing where the native engine is not installed. */
export const libraries = locateTensorflow()

setNativeEngine(() => import('../../src/index.js'))

/** A group of tests that need libtensorflow: where there is none, it says so and they count as skipped. */
export function describeNative(name: string, tests: () => void): void {
  if (libraries) describe(name, tests)
  else {
    const reason = "no libtensorflow here: run 'espalier engine install' or set ESPALIER_TENSORFLOW_DIR"
    console.log(`${name}: skipped, ${reason}`)
    describe.skip(name, () => it(reason, () => {}))
  }
}

import { bindTensorflow } from '../../src/binding/api.js'
import { Binding } from '../../src/binding/binding.js'
import { prepareEnvironment } from '../../src/native/environment.js'
import { openLibrary } from '../../src/native/library.js'
import { quietly } from '../../src/native/quietly.js'
import { libraries } from './native.js'

/** A binding without tfjs above it. Tensors of more than a gibibyte are refused. */
export function newBinding(): Binding {
  prepareEnvironment(2)
  return quietly(() => {
    openLibrary(libraries!.framework, { shared: true })
    const api = bindTensorflow(openLibrary(libraries!.tensorflow))
    return new Binding(api, { threads: 2, memory: 2 ** 30 })
  })
}

/**
 * Modules, optimizers, the training loop and everything around it, on TensorFlow.js engines.
 * @module
 */
export {
  currentEngine,
  type EngineInfo,
  type EngineName,
  type NativeEngine,
  setNativeEngine,
  useEngine,
} from './engine/engine.js'
export { record, Tape } from './engine/tape.js'
export { toArray, toTensor } from './engine/tensors.js'
export * as tf from './engine/tf.js'
export { toFloat32, toInt32 } from './io/convert.js'
export {
  readSafetensors,
  type SafeTensor,
  type SafetensorsFile,
  type Written,
  writeSafetensors,
} from './io/safetensors.js'
export type { SafeDType } from './io/safetensors-header.js'

import { registerRecording } from '@espalier/core/kernels'
import { registerBatchNorm } from './batch-norm.js'
import { registerBinary } from './binary.js'
import { registerConv2d } from './conv2d.js'
import { registerConv2dTensorflow } from './conv2d-tensorflow.js'
import { registerCrossEntropy } from './cross-entropy.js'
import { registerDropout } from './dropout.js'
import { registerEmbedding } from './embedding.js'
import { registerNativeHostAccess } from './host-access.js'
import { registerLstm } from './lstm.js'
import { backendName, type Native } from './native-kernel.js'
import { registerPool2d } from './pool2d.js'
import { registerPool2dTensorflow } from './pool2d-tensorflow.js'
import { NativeRecordedMemory } from './recorded-memory.js'
import { registerRelu } from './relu.js'
import { registerResize } from './resize.js'
import { registerTfjsKernels } from './tfjs-kernels.js'
import { registerUpdate } from './update.js'

/** Registers every native form. */
export function registerKernels(native: Native): void {
  registerNativeHostAccess(native)
  registerBatchNorm(native)
  registerCrossEntropy(native)
  registerEmbedding(native)
  registerRelu(native)
  registerResize(native)
  registerTfjsKernels(native)
  registerUpdate(native)
  const { dnn } = native
  if (dnn) {
    registerRecording(backendName, () => new NativeRecordedMemory(native))
    registerBinary(native, dnn)
    registerConv2d(native, dnn)
    registerDropout(native, dnn)
    registerLstm(native, dnn)
    registerPool2d(native, dnn)
  } else {
    registerConv2dTensorflow(native)
    registerPool2dTensorflow(native)
  }
}

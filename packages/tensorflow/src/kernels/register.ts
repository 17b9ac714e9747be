import { registerBatchNorm } from './batch-norm.js'
import { registerBinary } from './binary.js'
import { registerConv2d } from './conv2d.js'
import { registerConv2dTensorflow } from './conv2d-tensorflow.js'
import { registerCrossEntropy } from './cross-entropy.js'
import { registerDropout } from './dropout.js'
import { registerEmbedding } from './embedding.js'
import { registerNativeHostAccess } from './host-access.js'
import { registerLstm } from './lstm.js'
import type { Native } from './native-kernel.js'
import { registerPool2d } from './pool2d.js'
import { registerPool2dTensorflow } from './pool2d-tensorflow.js'
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
  if (native.dnn) {
    registerBinary(native, native.dnn)
    registerConv2d(native, native.dnn)
    registerDropout(native, native.dnn)
    registerLstm(native, native.dnn)
    registerPool2d(native, native.dnn)
  } else {
    registerConv2dTensorflow(native)
    registerPool2dTensorflow(native)
  }
}

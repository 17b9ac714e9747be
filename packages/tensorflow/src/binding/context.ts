import type { Pointer } from '../native/library.js'
import type { TensorflowApi } from './api.js'
import { check } from './status.js'

/** Starts TensorFlow's eager runtime with a number of threads for each operation. */
export function newContext(api: TensorflowApi, status: Pointer, threads: number): Pointer {
  const options = api.newContextOptions()
  try {
    // ConfigProto: field 2 is intra_op_parallelism_threads, field 5 inter_op_parallelism_threads.
    const proto = Uint8Array.of(2 << 3, ...varint(threads), 5 << 3, 1)
    api.setConfig(options, proto, proto.length, status)
    check(api, status, () => 'configuring TensorFlow')
    const context = api.newContext(options, status)
    check(api, status, () => 'starting TensorFlow')
    return context
  } finally {
    api.deleteContextOptions(options)
  }
}

/** True when TensorFlow found a GPU that it can use. */
export function hasGpu(api: TensorflowApi, context: Pointer, status: Pointer): boolean {
  const list = api.listDevices(context, status)
  check(api, status, () => 'listing the devices')
  try {
    return Array.from({ length: api.deviceCount(list) }, (_, i) => api.deviceType(list, i, status)).includes(
      'GPU',
    )
  } finally {
    api.deleteDevices(list)
  }
}

/** An integer as protocol buffers write it: seven bits a byte, the last one without the high bit. */
function varint(n: number): number[] {
  return n < 128 ? [n] : [(n & 127) | 128, ...varint(n >>> 7)]
}

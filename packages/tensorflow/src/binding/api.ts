import type { NativeLibrary, Pointer } from '../native/library.js'

/** Arrays that a C function fills, or reads, in place. */
type Buffer64 = BigUint64Array | BigInt64Array | Pointer | null

/** The part of TensorFlow's C API that the engine calls. Every `status` is a `TF_Status *`. */
export interface TensorflowApi {
  version(): string

  newStatus(): Pointer
  deleteStatus(status: Pointer): void
  code(status: Pointer): number
  message(status: Pointer): string

  newContextOptions(): Pointer
  setConfig(options: Pointer, proto: Uint8Array, bytes: number, status: Pointer): void
  newContext(options: Pointer, status: Pointer): Pointer
  deleteContextOptions(options: Pointer): void
  listDevices(context: Pointer, status: Pointer): Pointer
  deviceCount(list: Pointer): number
  deviceType(list: Pointer, index: number, status: Pointer): string
  deleteDevices(list: Pointer): void

  allocateTensor(dtype: number, dims: BigInt64Array, rank: number, bytes: number): Pointer | null
  deleteTensor(tensor: Pointer): void
  tensorData(tensor: Pointer): Pointer
  tensorBytes(tensor: Pointer): number

  newHandle(tensor: Pointer, status: Pointer): Pointer
  deleteHandle(handle: Pointer): void
  resolve(handle: Pointer, status: Pointer): Pointer
  devicePointer(handle: Pointer, status: Pointer): Pointer
  dataType(handle: Pointer): number
  rank(handle: Pointer, status: Pointer): number
  dim(handle: Pointer, axis: number, status: Pointer): number
  deviceName(handle: Pointer, status: Pointer): string

  newOp(context: Pointer, name: string, status: Pointer): Pointer
  deleteOp(op: Pointer): void
  addInput(op: Pointer, handle: Pointer, status: Pointer): void
  execute(op: Pointer, outputs: BigUint64Array, count: Int32Array, status: Pointer): void

  setType(op: Pointer, name: string, value: number): void
  setInt(op: Pointer, name: string, value: number): void
  setFloat(op: Pointer, name: string, value: number): void
  setBool(op: Pointer, name: string, value: number): void
  setString(op: Pointer, name: string, value: string, bytes: number): void
  setIntList(op: Pointer, name: string, values: Buffer64, count: number): void
  setShape(op: Pointer, name: string, dims: Buffer64, rank: number, status: Pointer): void

  stringInit(at: Pointer): void
  stringCopy(to: Pointer, from: Uint8Array, bytes: number): void
  stringData(at: Pointer): Pointer
  stringBytes(at: Pointer): number
  stringFree(at: Pointer): void
}

/** Looks up the functions of a loaded libtensorflow. */
export function bindTensorflow(library: NativeLibrary): TensorflowApi {
  const c = <K extends keyof TensorflowApi>(prototype: string) => library.bind<TensorflowApi[K]>(prototype)
  return {
    version: c<'version'>('const char *TF_Version()'),

    newStatus: c<'newStatus'>('void *TF_NewStatus()'),
    deleteStatus: c<'deleteStatus'>('void TF_DeleteStatus(void *)'),
    code: c<'code'>('int TF_GetCode(void *)'),
    message: c<'message'>('const char *TF_Message(void *)'),

    newContextOptions: c<'newContextOptions'>('void *TFE_NewContextOptions()'),
    setConfig: c<'setConfig'>('void TFE_ContextOptionsSetConfig(void *, void *, size_t, void *)'),
    newContext: c<'newContext'>('void *TFE_NewContext(void *, void *)'),
    deleteContextOptions: c<'deleteContextOptions'>('void TFE_DeleteContextOptions(void *)'),
    listDevices: c<'listDevices'>('void *TFE_ContextListDevices(void *, void *)'),
    deviceCount: c<'deviceCount'>('int TF_DeviceListCount(void *)'),
    deviceType: c<'deviceType'>('const char *TF_DeviceListType(void *, int, void *)'),
    deleteDevices: c<'deleteDevices'>('void TF_DeleteDeviceList(void *)'),

    allocateTensor: c<'allocateTensor'>('void *TF_AllocateTensor(int, void *, int, size_t)'),
    deleteTensor: c<'deleteTensor'>('void TF_DeleteTensor(void *)'),
    tensorData: c<'tensorData'>('void *TF_TensorData(void *)'),
    tensorBytes: c<'tensorBytes'>('size_t TF_TensorByteSize(void *)'),

    newHandle: c<'newHandle'>('void *TFE_NewTensorHandle(void *, void *)'),
    deleteHandle: c<'deleteHandle'>('void TFE_DeleteTensorHandle(void *)'),
    resolve: c<'resolve'>('void *TFE_TensorHandleResolve(void *, void *)'),
    devicePointer: c<'devicePointer'>('void *TFE_TensorHandleDevicePointer(void *, void *)'),
    dataType: c<'dataType'>('int TFE_TensorHandleDataType(void *)'),
    rank: c<'rank'>('int TFE_TensorHandleNumDims(void *, void *)'),
    dim: c<'dim'>('int64_t TFE_TensorHandleDim(void *, int, void *)'),
    deviceName: c<'deviceName'>('const char *TFE_TensorHandleDeviceName(void *, void *)'),

    newOp: c<'newOp'>('void *TFE_NewOp(void *, const char *, void *)'),
    deleteOp: c<'deleteOp'>('void TFE_DeleteOp(void *)'),
    addInput: c<'addInput'>('void TFE_OpAddInput(void *, void *, void *)'),
    execute: c<'execute'>('void TFE_Execute(void *, void *, void *, void *)'),

    setType: c<'setType'>('void TFE_OpSetAttrType(void *, const char *, int)'),
    setInt: c<'setInt'>('void TFE_OpSetAttrInt(void *, const char *, int64_t)'),
    setFloat: c<'setFloat'>('void TFE_OpSetAttrFloat(void *, const char *, float)'),
    setBool: c<'setBool'>('void TFE_OpSetAttrBool(void *, const char *, uint8_t)'),
    setString: c<'setString'>('void TFE_OpSetAttrString(void *, const char *, const char *, size_t)'),
    setIntList: c<'setIntList'>('void TFE_OpSetAttrIntList(void *, const char *, void *, int)'),
    setShape: c<'setShape'>('void TFE_OpSetAttrShape(void *, const char *, void *, int, void *)'),

    stringInit: c<'stringInit'>('void TF_StringInit(void *)'),
    stringCopy: c<'stringCopy'>('void TF_StringCopy(void *, const void *, size_t)'),
    stringData: c<'stringData'>('void *TF_StringGetDataPointer(void *)'),
    stringBytes: c<'stringBytes'>('size_t TF_StringGetSize(void *)'),
    stringFree: c<'stringFree'>('void TF_StringDealloc(void *)'),
  }
}

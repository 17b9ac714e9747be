import type { NativeLibrary, Pointer } from '../native/library.js'

/** An array of one pointer that a function writes its result to. */
type Out = BigUint64Array
type Dims = BigInt64Array
/** A oneDNN status: 0 is success. */
type Status = number

/** The part of oneDNN's C API that the engine calls. */
export interface OneDnnApi {
  version(): Pointer
  /** How many threads oneDNN sees from now on, where it runs on OpenMP. */
  setThreads(threads: number): void
  setCacheCapacity(capacity: number): Status
  createEngine(out: Out, kind: number, index: number): Status
  createStream(out: Out, engine: Pointer, flags: number): Status
  wait(stream: Pointer): Status

  describe(out: Out, rank: number, dims: Dims, dtype: number, strides: Dims): Status
  describeAny(out: Out, rank: number, dims: Dims, dtype: number, tag: number): Status
  destroyDescriptor(descriptor: Pointer): Status
  equal(a: Pointer, b: Pointer): number
  size(descriptor: Pointer): number
  createMemory(out: Out, descriptor: Pointer, engine: Pointer, data: Pointer | null): Status
  setData(memory: Pointer, data: Pointer): Status
  destroyMemory(memory: Pointer): Status

  createAttributes(out: Out): Status
  destroyAttributes(attributes: Pointer): Status
  setPostOps(attributes: Pointer, postOps: Pointer): Status
  createPostOps(out: Out): Status
  destroyPostOps(postOps: Pointer): Status
  appendBinary(postOps: Pointer, algorithm: number, x1: Pointer): Status
  appendEltwise(postOps: Pointer, algorithm: number, alpha: number, beta: number): Status

  createPrimitive(out: Out, plan: Pointer): Status
  destroyPrimitive(primitive: Pointer): Status
  destroyPlan(plan: Pointer): Status
  /** Writes the address of the name of how a plan computes. */
  describePlan(plan: Pointer, what: number, index: number, out: Out): Status
  descriptorOf(plan: Pointer, what: number, index: number): Pointer | null
  execute(primitive: Pointer, stream: Pointer, count: number, args: BigUint64Array): Status

  planReorder(out: Out, from: Pointer, engine: Pointer, to: Pointer, engine2: Pointer, attr: null): Status
  planConv(
    out: Out,
    engine: Pointer,
    kind: number,
    algorithm: number,
    x: Pointer,
    filter: Pointer,
    bias: null,
    y: Pointer,
    strides: Dims,
    dilations: Dims,
    before: Dims,
    after: Dims,
    attr: null,
  ): Status
  planConvInputGrad(
    out: Out,
    engine: Pointer,
    algorithm: number,
    dx: Pointer,
    filter: Pointer,
    dy: Pointer,
    strides: Dims,
    dilations: Dims,
    before: Dims,
    after: Dims,
    forward: Pointer,
    attr: null,
  ): Status
  planConvFilterGrad(
    out: Out,
    engine: Pointer,
    algorithm: number,
    x: Pointer,
    filter: Pointer,
    bias: null,
    dy: Pointer,
    strides: Dims,
    dilations: Dims,
    before: Dims,
    after: Dims,
    forward: Pointer,
    attr: null,
  ): Status
  planPool(
    out: Out,
    engine: Pointer,
    kind: number,
    algorithm: number,
    x: Pointer,
    y: Pointer,
    strides: Dims,
    kernel: Dims,
    dilations: Dims,
    before: Dims,
    after: Dims,
    attr: null,
  ): Status
  planPoolGrad(
    out: Out,
    engine: Pointer,
    algorithm: number,
    dx: Pointer,
    dy: Pointer,
    strides: Dims,
    kernel: Dims,
    dilations: Dims,
    before: Dims,
    after: Dims,
    forward: Pointer,
    attr: null,
  ): Status
  planBinary(
    out: Out,
    engine: Pointer,
    algorithm: number,
    x: Pointer,
    x1: Pointer,
    y: Pointer,
    attr: Pointer | null,
  ): Status
  planEltwise(
    out: Out,
    engine: Pointer,
    kind: number,
    algorithm: number,
    x: Pointer,
    y: Pointer,
    alpha: number,
    beta: number,
    attr: null,
  ): Status
  planEltwiseGrad(
    out: Out,
    engine: Pointer,
    algorithm: number,
    dx: Pointer,
    dy: Pointer,
    y: Pointer,
    alpha: number,
    beta: number,
    forward: Pointer,
    attr: null,
  ): Status
  planSoftmax(
    out: Out,
    engine: Pointer,
    kind: number,
    algorithm: number,
    x: Pointer,
    y: Pointer,
    axis: number,
    attr: null,
  ): Status
  planBatchNorm(
    out: Out,
    engine: Pointer,
    kind: number,
    x: Pointer,
    y: Pointer,
    epsilon: number,
    flags: number,
    attr: null,
  ): Status
  planBatchNormGrad(
    out: Out,
    engine: Pointer,
    kind: number,
    dx: Pointer,
    dy: Pointer,
    x: Pointer,
    epsilon: number,
    flags: number,
    forward: Pointer,
    attr: null,
  ): Status
  planLstm(
    out: Out,
    engine: Pointer,
    kind: number,
    direction: number,
    ...outline: readonly [...LstmOutline, flags: number, attr: null]
  ): Status
  planLstmGrad(
    out: Out,
    engine: Pointer,
    kind: number,
    direction: number,
    ...outline: readonly [...LstmOutline, ...LstmOutline, flags: number, forward: Pointer, attr: null]
  ): Status

  /** C ← alpha·op(A)·op(B) + beta·C, row by row; `lda`, `ldb`, `ldc` are how far apart rows lie. */
  sgemm(
    transposeA: number,
    transposeB: number,
    m: number,
    n: number,
    k: number,
    alpha: number,
    a: Pointer,
    lda: number,
    b: Pointer,
    ldb: number,
    beta: number,
    c: Pointer,
    ldc: number,
  ): Status
}

/** The layouts of an LSTM, and once more those of their gradients. */
type LstmOutline = readonly [
  x: Pointer,
  h: Pointer,
  c: Pointer,
  weightIh: Pointer,
  weightHh: Pointer,
  peephole: null,
  projection: null,
  bias: Pointer,
  y: Pointer,
  lastH: Pointer,
  lastC: Pointer,
]

/** Looks up the functions of a loaded libdnnl, version 3. */
export function bindOneDnn(library: NativeLibrary): OneDnnApi {
  const c = <K extends keyof OneDnnApi>(name: string, args: string, result = 'int') =>
    library.bind<OneDnnApi[K]>(`${result} dnnl_${name}(${args})`)
  const p = (n: number) => Array.from({ length: n }, () => 'void *').join(', ')
  return {
    setThreads: library.has('omp_set_num_threads') ? library.bind('void omp_set_num_threads(int)') : () => {},
    version: c<'version'>('version', '', 'void *'),
    setCacheCapacity: c<'setCacheCapacity'>('set_primitive_cache_capacity', 'int'),
    createEngine: c<'createEngine'>('engine_create', 'void *, int, size_t'),
    createStream: c<'createStream'>('stream_create', 'void *, void *, int'),
    wait: c<'wait'>('stream_wait', 'void *'),

    describe: c<'describe'>('memory_desc_create_with_strides', 'void *, int, void *, int, void *'),
    describeAny: c<'describeAny'>('memory_desc_create_with_tag', 'void *, int, void *, int, int'),
    destroyDescriptor: c<'destroyDescriptor'>('memory_desc_destroy', 'void *'),
    equal: c<'equal'>('memory_desc_equal', p(2)),
    size: c<'size'>('memory_desc_get_size', 'void *', 'size_t'),
    createMemory: c<'createMemory'>('memory_create', p(4)),
    setData: c<'setData'>('memory_set_data_handle', p(2)),
    destroyMemory: c<'destroyMemory'>('memory_destroy', 'void *'),

    createAttributes: c<'createAttributes'>('primitive_attr_create', 'void *'),
    destroyAttributes: c<'destroyAttributes'>('primitive_attr_destroy', 'void *'),
    setPostOps: c<'setPostOps'>('primitive_attr_set_post_ops', p(2)),
    createPostOps: c<'createPostOps'>('post_ops_create', 'void *'),
    destroyPostOps: c<'destroyPostOps'>('post_ops_destroy', 'void *'),
    appendBinary: c<'appendBinary'>('post_ops_append_binary', 'void *, int, void *'),
    appendEltwise: c<'appendEltwise'>('post_ops_append_eltwise', 'void *, int, float, float'),

    createPrimitive: c<'createPrimitive'>('primitive_create', p(2)),
    destroyPrimitive: c<'destroyPrimitive'>('primitive_destroy', 'void *'),
    destroyPlan: c<'destroyPlan'>('primitive_desc_destroy', 'void *'),
    describePlan: c<'describePlan'>('primitive_desc_query', 'void *, int, int, void *'),
    descriptorOf: c<'descriptorOf'>('primitive_desc_query_md', 'void *, int, int', 'void *'),
    execute: c<'execute'>('primitive_execute', 'void *, void *, int, void *'),

    planReorder: c<'planReorder'>('reorder_primitive_desc_create', p(6)),
    planConv: c<'planConv'>('convolution_forward_primitive_desc_create', `void *, void *, int, int, ${p(9)}`),
    planConvInputGrad: c<'planConvInputGrad'>(
      'convolution_backward_data_primitive_desc_create',
      `void *, void *, int, ${p(9)}`,
    ),
    planConvFilterGrad: c<'planConvFilterGrad'>(
      'convolution_backward_weights_primitive_desc_create',
      `void *, void *, int, ${p(10)}`,
    ),
    planPool: c<'planPool'>('pooling_forward_primitive_desc_create', `void *, void *, int, int, ${p(8)}`),
    planPoolGrad: c<'planPoolGrad'>('pooling_backward_primitive_desc_create', `void *, void *, int, ${p(9)}`),
    planBinary: c<'planBinary'>('binary_primitive_desc_create', `void *, void *, int, ${p(4)}`),
    planEltwise: c<'planEltwise'>(
      'eltwise_forward_primitive_desc_create',
      `void *, void *, int, int, ${p(2)}, float, float, void *`,
    ),
    planEltwiseGrad: c<'planEltwiseGrad'>(
      'eltwise_backward_primitive_desc_create',
      `void *, void *, int, ${p(3)}, float, float, ${p(2)}`,
    ),
    planSoftmax: c<'planSoftmax'>(
      'softmax_forward_primitive_desc_create',
      `void *, void *, int, int, ${p(2)}, int, void *`,
    ),
    planBatchNorm: c<'planBatchNorm'>(
      'batch_normalization_forward_primitive_desc_create',
      `void *, void *, int, ${p(2)}, float, unsigned int, void *`,
    ),
    planBatchNormGrad: c<'planBatchNormGrad'>(
      'batch_normalization_backward_primitive_desc_create',
      `void *, void *, int, ${p(3)}, float, unsigned int, ${p(2)}`,
    ),
    planLstm: c<'planLstm'>(
      'lstm_forward_primitive_desc_create',
      `void *, void *, int, int, ${p(11)}, unsigned int, void *`,
    ),
    planLstmGrad: c<'planLstmGrad'>(
      'lstm_backward_primitive_desc_create',
      `void *, void *, int, int, ${p(22)}, unsigned int, void *, void *`,
    ),
    sgemm: c<'sgemm'>(
      'sgemm',
      'char, char, int64_t, int64_t, int64_t, float, void *, int64_t, void *, int64_t, float, void *, int64_t',
    ),
  }
}

/** Numbers of oneDNN's C interface, version 3 (`dnnl_types.h`, `dnnl_common_types.h`). */

export const propagation = { training: 64, inference: 96, backward: 128 } as const

/** `dnnl_rnn_direction_t` */
export const direction = { forwards: 1, backwards: 2 } as const
/** `dnnl_rnn_flags_diff_weights_overwrite`: gradients of weights are not added to what is there. */
export const diffWeightsOverwrite = 1

/** `dnnl_use_scale | dnnl_use_shift`: a weight and a bias for each channel. */
export const scaleAndShift = 2 | 4
/** `dnnl_use_global_stats`: mean and variance are given, and no gradient goes through them. */
export const givenStatistics = 1

/** `dnnl_alg_kind_t`. */
export const algorithm = {
  convolution: 1,
  maxPool: 511,
  /** Padding counts in the mean. */
  avgPool: 767,
  add: 0x1fff0,
  multiply: 0x1fff1,
  maximum: 0x1fff2,
  divide: 0x1fff4,
  subtract: 0x1fff5,
  sqrt: 0x25,
  /** α·x + β. */
  linear: 0x26,
  /** α ≤ x ≤ β. */
  clip: 0x2e,
  /** α·x^β. */
  power: 0x30,
  /** The gradient of the rectifier goes by its output. */
  reluByOutput: 0x100,
  softmax: 0x30000,
} as const

/** What a memory is to a primitive. */
export const arg = {
  x: 1,
  /** The second of two inputs. */
  x1: 2,
  h: 2,
  c: 3,
  y: 17,
  lastH: 18,
  lastC: 19,
  filter: 33,
  weightHh: 34,
  bias: 41,
  mean: 49,
  variance: 50,
  scale: 51,
  shift: 52,
  workspace: 64,
  dx: 129,
  dh: 130,
  dc: 131,
  dy: 145,
  dLastH: 146,
  dLastC: 147,
  dFilter: 161,
  dWeightHh: 162,
  dBias: 169,
  dScale: 255,
  dShift: 256,
} as const

/** `DNNL_ARG_ATTR_MULTIPLE_POST_OP(i) | DNNL_ARG_SRC_1`: the second input of what follows an operation. */
export const postArg = (i: number) => (32768 * (i + 1)) | arg.x1

/** Which memory descriptor a plan is asked for. */
export const query = { implementation: 8, filter: 131, dFilter: 132, workspace: 135, argument: 255 } as const

/** `dnnl_f32` and `dnnl_u8`. */
export const [float32, uint8] = [3, 6]
/** The layout is the primitive's choice. */
export const anyTag = 1
/** `dnnl_cpu`. */
export const cpu = 1
/** `dnnl_stream_in_order`. */
export const inOrder = 1

/** Numbers of oneDNN's C interface, version 3 (`dnnl_types.h`, `dnnl_common_types.h`). */

export const propagation = { training: 64, inference: 96 } as const

/** `dnnl_alg_kind_t`. */
export const algorithm = {
  convolution: 1,
  linear: 38,
  maxPool: 511,
  /** Padding counts in the mean. */
  avgPool: 767,
} as const

/** What a memory is to a primitive. */
export const arg = { x: 1, y: 17, filter: 33, workspace: 64, dx: 129, dy: 145, dFilter: 161 } as const

/** Which memory descriptor a plan is asked for. */
export const query = { filter: 131, dFilter: 132, workspace: 135 } as const

/** `dnnl_f32`. */
export const float32 = 3
/** The layout is the primitive's choice. */
export const anyTag = 1
/** `dnnl_cpu`. */
export const cpu = 1
/** `dnnl_stream_in_order`. */
export const inOrder = 1

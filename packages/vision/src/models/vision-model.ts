import type { AnyModule, Module, tf } from '@espalier/core'

/** A network for images: `[b, h, w, c]` → `[b, classes]`, made of named parts as in torch. */
export type VisionModel = Module<[tf.Tensor4D], tf.Tensor2D> & {
  /** The parts that each lower the resolution, stem first: what a body is cut from and a U-Net reads. */
  readonly stages: readonly AnyModule[]
  /** Channels after each stage. */
  readonly channels: readonly number[]
}

/** What an architecture can be asked for. */
export interface ArchOptions {
  /** Classes of the last layer. Default 1000. */
  readonly numClasses?: number
}

/** An architecture: call it to make a network with fresh weights. */
export interface Arch {
  (options?: ArchOptions): VisionModel
  /** The name it is registered and stored under. */
  readonly archName: string
}

/** Gives a constructor the name of an architecture. */
export function arch(archName: string, make: (options: ArchOptions) => VisionModel): Arch {
  return Object.assign((options: ArchOptions = {}) => make(options), { archName })
}

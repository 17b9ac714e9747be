import type { AnyModule, Module, ParamGroups, tf } from '@espalier/core'

/** A network for images: `[b, h, w, c]` → `[b, classes]`, made of named parts as in torch. */
export type VisionModel = Module<[tf.Tensor4D], tf.Tensor2D> & {
  /** The parts that each lower the resolution, stem first: what a body is cut from and a U-Net reads. */
  readonly stages: readonly AnyModule[]
  /** Channels after each stage. */
  readonly channels: readonly number[]
  /** The parameters in groups that learn at rates of their own, first layers first, the classifier last. */
  groups(): ParamGroups
}

/** What an architecture can be asked for. */
export interface ArchOptions {
  /** Classes of the last layer. Default 1000. */
  readonly numClasses?: number
  /** So many times the usual channels. Default 1; pretrained weights fit nothing else. */
  readonly widen?: number
  /** Asked for by who cuts the classifier away: it may be as small as can be. */
  readonly headless?: boolean
}

/** An architecture: call it to make a network with fresh weights. */
export interface Arch<O extends ArchOptions = ArchOptions> {
  (options?: O): VisionModel
  /** The name it is registered and stored under. */
  readonly archName: string
  /** The options that {@link withOptions} gave it. */
  readonly options?: O
  /** The architecture that {@link withOptions} began with. */
  readonly base?: Arch
}

/** Gives a constructor the name of an architecture. */
export function arch<O extends ArchOptions = ArchOptions>(
  archName: string,
  make: (options: O) => VisionModel,
): Arch<O> {
  return Object.assign((options: O = {} as O) => make(options), { archName })
}

import type { Arch, ArchOptions } from './vision-model.js'

/**
 * An architecture whose options are settled, for all that takes an architecture. Cut, split and statistics stay those
 * of the one it began with; an exported model remembers the options.
 *
 * @example
 * visionLearner(dls, withOptions(xresnet50, { act: 'mish', sa: true }), { pretrained: false })
 */
export function withOptions<O extends ArchOptions>(arch: Arch<O>, options: O): Arch<O> {
  const all = { ...arch.options, ...options }
  return Object.assign((more: O = {} as O) => (arch.base ?? arch)({ ...all, ...more }), {
    archName: arch.archName,
    options: all,
    base: (arch.base ?? arch) as Arch,
  }) as Arch<O>
}

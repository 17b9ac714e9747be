import type { Portable } from '@espalier/data'
import { archSpec } from './models/arch-spec.js'
import type { Cut } from './models/model-meta.js'
import type { Arch } from './models/vision-model.js'

/** Why a file cannot say how a network is made again; undefined where it can. */
export function untoldOf(arch: Arch, cut: Cut | undefined): Portable['untold'] {
  if (typeof cut === 'function') {
    return {
      why: 'its cut is a function, which no file can hold',
      fix: 'say in numbers where it is cut: cut: [-1, -1] leaves out the last part, and the last layer of what is left',
    }
  }
  if (archSpec(arch)) return undefined
  return {
    why: `an option of '${arch.archName}' is more than a file can hold`,
    fix: "give numbers and names: withOptions(xresnet50, { act: 'mish' })",
  }
}

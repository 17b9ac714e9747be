import type { Arch } from '../src/models/vision-model.js'
import { withOptions } from '../src/models/with-options.js'
import type { XResNetOptions } from '../src/models/xresnet.js'

/** The classes of narrow versions. */
export const nOut = 5

/** A narrow version: all that is wrong with the wiring is wrong with it too. */
export function narrow(arch: Arch): Arch {
  const name = arch.archName
  const narrowest = name.startsWith('squeeze') ? 0.25 : 0.125
  if (!name.startsWith('x')) return withOptions(arch, { widen: narrowest, numClasses: nOut })
  const grouped = /next|senet/.test(name)
  const options: XResNetOptions = {
    widen: name.includes('next') ? 0.25 : 0.125,
    stemSzs: [8, 8, 16],
    numClasses: nOut,
    ...(grouped && { groups: 8 }),
  }
  return withOptions(arch as Arch<XResNetOptions>, options)
}

/** What narrow maps of one place would leave nothing of. */
export const sizeFor = (name: string) => (/^(alexnet|densenet)/.test(name) ? 64 : 32)

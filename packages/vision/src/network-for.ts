import type { AnyModule } from '@espalier/core'
import type { Cut } from './models/model-meta.js'
import type { Arch } from './models/vision-model.js'

/** A network that a body is to be cut from. A classifier that is cut away anyhow need not be drawn, nor be large. */
export function networkFor(arch: Arch, cut: Cut | undefined): AnyModule {
  const headless = typeof cut !== 'function' && Number([cut].flat()[0]) < 0
  return headless ? arch({ numClasses: 1, headless }) : arch()
}

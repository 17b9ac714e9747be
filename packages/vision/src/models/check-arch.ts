import { describe, EspalierError, listed } from '@espalier/data'
import { modelMeta } from './model-meta.js'

/** Throws unless something is an architecture: the function, not its name and not a model that it made. */
export function checkArch(arch: unknown): void {
  if (typeof arch === 'function' && typeof (arch as { archName?: unknown }).archName === 'string') return
  throw new EspalierError('arch/invalid', `an architecture must be a function, got ${describe(arch)}`, {
    fix: typeof arch === 'function' ? `name yours: arch('my-net', ${arch.name || '() => …'})` : fixFor(arch),
  })
}

function fixFor(arch: unknown): string {
  if (typeof arch === 'string') {
    const known = [...modelMeta.keys()].map((a) => a.archName)
    return known.includes(arch)
      ? `pass the function itself, without quotes: import { ${exportOf(arch)} } from '@espalier/vision'`
      : `pass one of these functions: ${listed(known.map(exportOf))}; modelMeta has all of them`
  }
  if (arch && typeof arch === 'object')
    return 'pass the function, not the model it makes; give a model to a Learner'
  return "import one: import { resnet34 } from '@espalier/vision'"
}

/** `vgg16_bn` is exported as `vgg16Bn`; a line before a digit stays, as in `squeezenet1_1`. */
function exportOf(archName: string): string {
  return archName.replace(/_v(\d)/, 'V$1').replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

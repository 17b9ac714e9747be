import { EspalierError, type Json } from '@espalier/data'
import { archByName } from './model-meta.js'
import type { Arch } from './vision-model.js'
import { withOptions } from './with-options.js'

/** How a bundle names an architecture. */
export interface ArchSpec {
  readonly arch: string
  /** What {@link withOptions} gave it. */
  readonly archOptions?: { readonly [name: string]: Json }
}

/** The name and the options of an architecture; undefined where a file cannot hold an option, as a function. */
export function archSpec({ archName, options = {} }: Arch): ArchSpec | undefined {
  const values = Object.entries(options).filter(([, value]) => value !== undefined)
  if (values.some(([name, value]) => !isPlain(value) || tooLarge(name, value))) return undefined
  return { arch: archName, ...(values.length > 0 && { archOptions: Object.fromEntries(values) }) }
}

/** The architecture of a bundle. The options come from a file: none may ask for more memory than can be meant. */
export function archOf({ arch, archOptions }: ArchSpec): Arch {
  const found = archByName(arch)
  if (archOptions === undefined) return found
  const entries = Object.entries(archOptions)
  const wrong = entries.find(([name, value]) => !isPlain(value) || tooLarge(name, value))
  if (wrong || entries.length > 32) {
    throw new EspalierError(
      'bundle/arch',
      `the options of '${arch}' are more than can be meant: ${wrong ? `${wrong[0]} is ${JSON.stringify(wrong[1])}` : entries.length}`,
      { fix: 'the file is damaged, or was tampered with' },
    )
  }
  return withOptions(found, archOptions)
}

/** A number, a word, yes or no, or a short list of numbers. */
function isPlain(value: unknown): boolean {
  if (Array.isArray(value)) return value.length <= 16 && value.every((v) => typeof v === 'number')
  return typeof value === 'boolean' || typeof value === 'string' || Number.isFinite(value) || value === null
}

/** Kernels and multiples are small, only lists and numbers of classes are of channels. */
function tooLarge(name: string, value: unknown): boolean {
  const most = name === 'widen' ? 4 : name === 'numClasses' || Array.isArray(value) ? 4096 : 64
  return [value].flat().some((v) => typeof v === 'number' && !(v >= 0 && v <= most))
}

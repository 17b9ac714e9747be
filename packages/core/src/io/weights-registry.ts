import { EspalierError } from '@espalier/data'
import { quoted } from './quoted.js'

/** Where a file of weights is, and what it must be: nothing else is accepted under its name. */
export type WeightsSource = {
  /** 64 hex digits. */
  readonly sha256: string
  /** In bytes. */
  readonly size: number
} & ({ readonly url: string } | { readonly hf: string })

const registry = new Map<string, WeightsSource>()

/**
 * Gives a file of weights a name that `resolveWeights` knows. `url` is an https address, `hf` is
 * `org/name@revision/file` on the Hugging Face hub. Registering the same again changes nothing; another source
 * under a name that is taken throws `weights/registered`.
 */
export function registerWeights(name: string, source: WeightsSource): void {
  const invalid = problemOf(name, source)
  if (invalid)
    throw new EspalierError('weights/source', `cannot register weights ${quoted(name)}: ${invalid}`)
  const known = registry.get(name)
  if (
    known &&
    (addressOf(known) !== addressOf(source) || known.sha256 !== source.sha256 || known.size !== source.size)
  ) {
    throw new EspalierError(
      'weights/registered',
      `weights ${quoted(name)} are registered with another source`,
      {
        fix: 'choose another name',
      },
    )
  }
  registry.set(name, { ...source })
}

/** The source of registered weights. */
export function registeredWeights(name: string): WeightsSource | undefined {
  return registry.get(name)
}

/** The names of all registered weights, sorted. */
export function registeredNames(): readonly string[] {
  return [...registry.keys()].sort()
}

/** As a reference that `resolveWeights` takes. */
export function addressOf(source: WeightsSource): string {
  return 'url' in source ? source.url : `hf://${source.hf}`
}

function problemOf(name: string, source: WeightsSource): string | undefined {
  if (!/^[a-z0-9][\w.-]*$/i.test(name) || /\.(?:safetensors|pth?|bin)$/.test(name)) {
    return 'a name has letters, digits, dots, dashes, and no ending of a file'
  }
  if (!/^[0-9a-f]{64}$/.test(source.sha256)) return 'sha256 must be 64 lower-case hex digits'
  if (!Number.isSafeInteger(source.size) || source.size <= 0) return 'size must be a number of bytes'
  if ('url' in source && !source.url.startsWith('https://')) return 'url must begin with https://'
  if ('hf' in source && !/^[^/@]+\/[^/@]+(?:@[^/]+)?\/.+$/.test(source.hf))
    return 'hf must be org/name@revision/file'
  return undefined
}

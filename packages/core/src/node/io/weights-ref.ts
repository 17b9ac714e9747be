import { EspalierError, listed } from '@espalier/data'
import { quoted } from '../../io/quoted.js'
import { addressOf, registeredNames, registeredWeights } from '../../io/weights-registry.js'

/** What a file must be, as far as it is known before it is there. */
export interface Expected {
  readonly sha256?: string
  readonly size?: number
}

/** What a reference to weights points to. */
export type WeightsRef = { readonly expected: Expected } & (
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'url'; readonly url: URL }
  | {
      readonly kind: 'hub'
      /** `org/name` */
      readonly repo: string
      readonly revision: string
      /** Undefined: the usual names are tried. */
      readonly file: string | undefined
    }
)

/**
 * Reads a reference: a registered name, `hf://org/name[@revision][/file]`, `https://…`, or else the path of a
 * file. Throws `weights/ref`; parts that end up in paths cannot lead out of the cache.
 */
export function parseWeightsRef(ref: string, expected: Expected = {}): WeightsRef {
  const source = registeredWeights(ref)
  if (source) return parseWeightsRef(addressOf(source), source)
  if (ref.startsWith('hf://')) return { kind: 'hub', expected, ...parseHub(ref) }
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(ref)) return { kind: 'url', expected, url: parseUrl(ref) }
  if (ref === '' || ref.includes('\0')) throw invalid(ref, 'it is not a path')
  return { kind: 'path', expected, path: ref }
}

/** For a path where no file is: the other things that it may have been meant to be. */
export function unknownRef(ref: string): EspalierError {
  const names = registeredNames()
  return new EspalierError('weights/not-found', `there is no file '${ref}'`, {
    fix: `weights are a path, hf://org/name, an https address, or ${names.length ? `one of ${listed(names, 8)}` : 'a registered name (none is registered)'}`,
  })
}

const hubForm = /^hf:\/\/([^/@]+\/[^/@]+)(?:@([^/]+))?(?:\/(.+))?$/

function parseHub(ref: string): { repo: string; revision: string; file: string | undefined } {
  const [, repo, encoded = 'main', file] = hubForm.exec(ref) ?? []
  // A revision such as refs/pr/1 is written refs%2Fpr%2F1.
  const revision = encoded.replaceAll(/%2f/gi, '/')
  if (!repo) throw invalid(ref, 'expected hf://org/name[@revision][/file]')
  for (const part of [...repo.split('/'), ...revision.split('/'), ...(file?.split('/') ?? [])]) {
    if (!isSafeName(part)) throw invalid(ref, `${quoted(part)} cannot be a part of it`)
  }
  return { repo, revision, file }
}

/** Whether a name may become a part of a path: no way up, no other drive, nothing that a system reads specially. */
function isSafeName(name: string): boolean {
  return /^[\w.+=-][\w.+= ()-]*$/.test(name) && !/^\.+$|\.$/.test(name) && name.length <= 200
}

function parseUrl(ref: string): URL {
  let url: URL
  try {
    url = new URL(ref)
  } catch (error) {
    throw new EspalierError('weights/ref', `${quoted(ref)} is not an address`, { cause: error })
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isThisMachine(url))) {
    throw invalid(ref, 'weights are fetched by https only')
  }
  if (url.username || url.password) throw invalid(ref, 'an address with a password would end up in messages')
  return url
}

/** Only what never leaves the machine may go unencrypted. */
function isThisMachine({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d+){3}$/.test(hostname)
}

function invalid(ref: string, problem: string): EspalierError {
  return new EspalierError('weights/ref', `cannot take ${quoted(ref)} for weights: ${problem}`, {
    fix: 'weights are a path, hf://org/name[@revision][/file] or an https address',
  })
}

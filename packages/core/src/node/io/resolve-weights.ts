import { EspalierError } from '@espalier/data'
import { detectWeights } from '../../io/detect-weights.js'
import { quoted } from '../../io/quoted.js'
import { inspect } from './content-hash.js'
import type { DownloadProgress } from './download.js'
import { fetchWeights } from './fetch-weights.js'
import type { Fetch } from './follow.js'
import { inTurn } from './in-turn.js'
import { acceptFile, readError } from './local-file.js'
import { aborted } from './patience.js'
import { type Place, placeOf } from './places.js'
import type { Env } from './weights-cache.js'
import { type Expected, parseWeightsRef } from './weights-ref.js'

/** Where weights are kept, and whether the network may be asked. */
export interface ResolveWeightsOptions extends Expected {
  /** The folder to keep files in. Default: that of the Hugging Face libraries; `espalier/weights` for addresses. */
  readonly cacheDir?: string
  /** True: the network is not used. Default: what `HF_HUB_OFFLINE` says. */
  readonly offline?: boolean
  /** True: asks the network even where the cache has the file, for a branch that may have moved. */
  readonly refresh?: boolean
  /** How long a server may be silent, in ms. Default: 30,000. */
  readonly timeout?: number
  /** The most bytes that are taken when the size is not known before. Default: 16 GiB. */
  readonly maxBytes?: number
  /** Throws when the first 1 KiB are not those of the wanted kind of file. Default: `detectWeights`. */
  readonly accept?: (head: Uint8Array) => unknown
  readonly onProgress?: (progress: DownloadProgress) => void
  readonly signal?: AbortSignal
  readonly fetch?: Fetch
  /** The time in ms, as `Date.now`. */
  readonly now?: () => number
  /** Default: `process.env`. */
  readonly env?: Env
}

/**
 * The path of a file of weights on this machine, fetched if need be. `ref` is a path, a registered name,
 * `hf://org/name[@revision][/file]` or an https address. The cache is asked first and works without network;
 * a cached file is read and compared with its hash before it is given out, once in a process. A download goes to a
 * file of its own, is checked (length, hash, kind of file), synced, and then renamed into place; nothing that
 * fails is kept. Environment: `HF_HOME`, `HF_HUB_CACHE`, `HF_ENDPOINT`, `HF_TOKEN`, `HF_HUB_OFFLINE`, `XDG_CACHE_HOME`.
 *
 * @example
 * const path = await resolveWeights('hf://timm/resnet34.a1_in1k')
 * const tensors = await readWeightsFile(path)
 */
export async function resolveWeights(ref: string, options: ResolveWeightsOptions = {}): Promise<string> {
  const { env = process.env, accept = detectWeights, cacheDir, now, signal } = options
  const target = parseWeightsRef(ref, expectedIn(options))
  if (target.kind === 'path') return acceptFile(target.path, target.expected, accept)
  const place = placeOf(target, env, cacheDir)
  const cached = () => (options.refresh ? undefined : findCached(place, target.expected))
  const known = await cached()
  if (known !== undefined) return known
  if (options.offline ?? isOn(env['HF_HUB_OFFLINE'])) {
    throw new EspalierError(
      'weights/offline',
      `${quoted(ref)} is not in the cache, and the network is not to be used`,
      {
        fix: `unset HF_HUB_OFFLINE, or put the file under '${place.repo.folder}'`,
      },
    )
  }
  const work = () => fetchWeights(place, options, accept)
  try {
    return await inTurn(place.lock, { result: cached, work, now, signal })
  } catch (error) {
    if (error instanceof EspalierError || !signal?.aborted) throw error
    throw aborted(quoted(ref), signal.reason)
  }
}

/** A cached file that is what it should be. One that is damaged is put aside, so that it is fetched again. */
async function findCached({ repo, revision, files }: Place, expected: Expected): Promise<string | undefined> {
  for (const file of files) {
    const path = await repo.find(revision, file)
    if (path === undefined) continue
    try {
      const state = await inspect(path, expected)
      if (state === 'intact') return path
      if (state === 'damaged') await repo.quarantine(path)
    } catch (error) {
      // Another process may have put it aside meanwhile.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw readError(path, error)
    }
  }
  return undefined
}

function expectedIn({ sha256, size }: Expected): Expected {
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/i.test(sha256)) {
    throw new EspalierError('weights/source', `sha256 must be 64 hex digits, got ${quoted(sha256)}`)
  }
  return {
    ...(sha256 === undefined ? {} : { sha256: sha256.toLowerCase() }),
    ...(size === undefined ? {} : { size }),
  }
}

/** As the Hugging Face libraries read their switches. */
function isOn(value: string | undefined): boolean {
  return /^(?:1|on|yes|true)$/i.test(value ?? '')
}

import { join } from 'node:path'
import { EspalierError } from '@espalier/data'
import { inspect } from './content-hash.js'
import { type DownloadRules, diskError, download } from './download.js'
import { type Fetch, follow, type Hop } from './follow.js'
import { Patience } from './patience.js'
import { type Facts, type Place, refused } from './places.js'

/** Patience, limits and what stands in for network and clock in tests. */
export interface FetchOptions extends Partial<Omit<DownloadRules, 'accept'>> {
  readonly timeout?: number
  readonly signal?: AbortSignal
  readonly fetch?: Fetch
  readonly now?: () => number
}

/** Fetches the first of a place's files that exists there into its cache; the path. */
export async function fetchWeights(
  place: Place,
  options: FetchOptions,
  accept: DownloadRules['accept'],
): Promise<string> {
  const { files, token } = place
  const { fetch = globalThis.fetch, timeout = 30_000, signal } = options
  for (const file of files) {
    const url = place.address(file)
    using patience = new Patience(timeout, url, signal)
    const hops = await follow(fetch, url, { token, signal: patience.signal }).catch((error: unknown) => {
      throw patience.explain(error)
    })
    const last = hops.at(-1)!
    if (last.response.ok) return await keep(place, file, hops, patience, { ...options, accept })
    await last.response.body?.cancel()
    if (last.response.status !== 404 || file === files.at(-1)) throw refused(last, files)
  }
  throw new Error('a place has at least one file')
}

/** Takes the answer into the cache: its content, where that is not there yet, and its name. */
async function keep(
  { repo, revision, facts }: Place,
  file: string,
  hops: readonly Hop[],
  patience: Patience,
  { maxBytes = 2 ** 34, accept, onProgress, now = Date.now }: FetchOptions & Pick<DownloadRules, 'accept'>,
): Promise<string> {
  const last = hops.at(-1)!
  try {
    const { expected, commit, blob } = facts(hops)
    if (blob && (await holds(join(repo.blobs, blob), expected))) {
      return await repo.publish({ hash: blob, commit: commit ?? blob, revision, file })
    }
    const temporary = await repo.temporary(now())
    const sha256 = await download(last, temporary, expected, patience, { maxBytes, accept, onProgress })
    const hash = blob ?? sha256
    await repo.adopt(temporary, hash)
    return await repo.publish({ hash, commit: commit ?? hash, revision, file })
  } catch (error) {
    throw error instanceof EspalierError ? error : diskError(repo.folder, error)
  } finally {
    // Read to its end it is closed already; else the connection is not kept waiting.
    await last.response.body?.cancel().catch(() => undefined)
  }
}

/** Whether the content is there and sound, as it is when another revision has the same. */
async function holds(blob: string, expected: Facts['expected']): Promise<boolean> {
  return inspect(blob, expected).then(
    (state) => state === 'intact',
    () => false,
  )
}

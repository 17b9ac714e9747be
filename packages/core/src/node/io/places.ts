import { createHash } from 'node:crypto'
import { basename, join } from 'node:path'
import { EspalierError, listed } from '@espalier/data'
import { quoted } from '../../io/quoted.js'
import { type Hop, shownUrl } from './follow.js'
import { CachedRepo, type Env, hubCache, isHash, urlCache } from './weights-cache.js'
import type { Expected, WeightsRef } from './weights-ref.js'

/** What an answer says of the file behind it. */
export interface Facts {
  readonly expected: Expected & { readonly git?: string }
  /** The version the file belongs to; undefined: its own hash. */
  readonly commit: string | undefined
  /** The name of its content in the cache; undefined: its SHA-256. */
  readonly blob: string | undefined
}

/** Where a file is fetched from and where it is kept. */
export interface Place {
  readonly repo: CachedRepo
  readonly revision: string
  /** The names it may have; the first that exists is taken. */
  readonly files: readonly string[]
  readonly lock: string
  readonly token: string | undefined
  address(file: string): URL
  facts(hops: readonly Hop[]): Facts
}

/** The names that model repositories use, the safest format first. */
const usualFiles = ['model.safetensors', 'pytorch_model.bin']

/** The place of what a reference points to. `cacheDir` replaces the usual folders. */
export function placeOf(ref: Exclude<WeightsRef, { kind: 'path' }>, env: Env, cacheDir?: string): Place {
  return ref.kind === 'hub'
    ? hubPlace(ref, cacheDir ?? hubCache(env), env)
    : urlPlace(ref, cacheDir ?? urlCache(env))
}

function hubPlace(
  { repo, revision, file, expected }: WeightsRef & { kind: 'hub' },
  root: string,
  env: Env,
): Place {
  const endpoint = endpointIn(env)
  const folder = `models--${repo.replace('/', '--')}`
  return {
    repo: new CachedRepo(join(root, folder)),
    revision,
    files: file === undefined ? usualFiles : [file],
    lock: lockOf(root, folder, `${revision} ${file}`),
    token: env['HF_TOKEN'] || undefined,
    address: (name) => {
      const parts = [...repo.split('/'), 'resolve', revision, ...name.split('/')]
      return new URL(`${endpoint}/${parts.map(encodeURIComponent).join('/')}`)
    },
    facts: (hops) => hubFacts(hops, expected),
  }
}

function endpointIn(env: Env): string {
  const endpoint = env['HF_ENDPOINT'] || 'https://huggingface.co'
  if (/^https?:\/\//.test(endpoint) && URL.canParse(endpoint)) return endpoint.replace(/\/+$/, '')
  throw new EspalierError('weights/hub', `HF_ENDPOINT is ${quoted(endpoint)}, which is not an address`)
}

/** The hub answers first, with the commit and the hash; then it sends on to where the content is. */
function hubFacts(hops: readonly Hop[], expected: Expected): Facts {
  const origin = hops[0]?.url.origin
  const hop = hops.find(({ url, response }) => url.origin === origin && response.headers.has('x-repo-commit'))
  const header = (name: string) => hop?.response.headers.get(name) ?? undefined
  const commit = header('x-repo-commit')
  if (!hop || !commit || !isHash(commit)) {
    throw new EspalierError('weights/hub', `${origin} does not answer like the Hugging Face hub`, {
      fix: 'check HF_ENDPOINT, or give the https address of the file',
    })
  }
  const etag = (header('x-linked-etag') ?? header('etag'))?.replace(/^W\//, '').replaceAll('"', '')
  const hash = etag !== undefined && isHash(etag) ? etag : undefined
  const sha256 = expected.sha256 ?? (hash?.length === 64 ? hash : undefined)
  const linked = header('x-linked-size')
  const size = expected.size ?? (linked && /^\d+$/.test(linked) ? Number(linked) : undefined)
  return {
    commit,
    // What must come decides: the hub may have moved on to another content.
    blob: hash?.length === 64 ? sha256 : hash,
    expected: {
      ...(sha256 === undefined ? {} : { sha256 }),
      ...(size === undefined ? {} : { size }),
      ...(hash?.length === 40 ? { git: hash } : {}),
    },
  }
}

function urlPlace({ url, expected }: WeightsRef & { kind: 'url' }, root: string): Place {
  const key = createHash('sha256').update(url.href).digest('hex').slice(0, 32)
  const folder = `urls--${url.hostname.replaceAll(/[^\w.-]/g, '_')}--${key}`
  const name = basename(url.pathname).replaceAll(/[^\w.-]/g, '_')
  return {
    repo: new CachedRepo(join(root, folder)),
    revision: 'main',
    files: [/^\.*$/.test(name) ? 'weights' : name.slice(-100)],
    lock: lockOf(root, folder, ''),
    token: undefined,
    address: () => url,
    facts: () => ({ commit: undefined, blob: undefined, expected }),
  }
}

/** Beside those of the Hugging Face libraries, under a name that they do not use. */
function lockOf(root: string, folder: string, what: string): string {
  return join(
    root,
    '.locks',
    folder,
    `espalier-${createHash('sha256').update(what).digest('hex').slice(0, 16)}.lock`,
  )
}

/** For an answer that is not the file. */
export function refused({ url, response }: Hop, files: readonly string[]): EspalierError {
  const { status } = response
  const fix = () => {
    if (status === 401 || status === 403) {
      return 'a private or gated file needs a token in HF_TOKEN and, where it is asked for, your consent on its page'
    }
    if (status === 404) {
      return `check the name and the revision; a private file needs a token (looked for ${listed(files)})`
    }
    return status === 429 || status >= 500 ? 'try again later' : 'open the address in a browser to see why'
  }
  return new EspalierError('weights/http', `${shownUrl(url)} answers ${status}`, { fix: fix() })
}

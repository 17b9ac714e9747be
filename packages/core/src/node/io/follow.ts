import { EspalierError } from '@espalier/data'
import { quoted } from '../../io/quoted.js'

/** The one thing that is asked of `fetch`. */
export type Fetch = (url: URL, init: RequestInit) => Promise<Response>

/** One answer on the way to a file. */
export interface Hop {
  readonly url: URL
  readonly response: Response
}

const mostHops = 8

/**
 * Asks for an address and follows redirects, one by one: to https only, never from https to anything else, and the
 * token goes to the first address's server only. All answers on the way, the final one last.
 */
export async function follow(
  fetch: Fetch,
  first: URL,
  { token, signal }: { readonly token?: string | undefined; readonly signal: AbortSignal },
): Promise<readonly [...Hop[], Hop]> {
  const hops: Hop[] = []
  let url = first
  for (let n = 0; n < mostHops; n++) {
    const headers = new Headers({ 'accept-encoding': 'identity', 'user-agent': 'espalier' })
    if (token && url.origin === first.origin) headers.set('authorization', `Bearer ${token}`)
    const response = await fetch(url, { headers, redirect: 'manual', signal })
    const hop = { url, response }
    const location = response.headers.get('location')
    if (response.status < 300 || response.status > 399 || location === null) return [...hops, hop]
    await response.body?.cancel()
    hops.push(hop)
    url = next(url, location)
  }
  throw new EspalierError('weights/redirect', `${shownUrl(first)} redirects more than ${mostHops} times`)
}

function next(from: URL, location: string): URL {
  const to = URL.canParse(location, from) ? new URL(location, from) : undefined
  if (to?.protocol === 'https:' || (to?.protocol === 'http:' && from.protocol === 'http:')) return to
  throw new EspalierError(
    'weights/redirect',
    `${shownUrl(from)} redirects to ${quoted(location)}, which is not followed`,
    { fix: 'weights are fetched by https only' },
  )
}

/** An address without its query, where signatures and tokens are. */
export function shownUrl({ origin, pathname }: URL): string {
  return `${origin}${pathname}`
}

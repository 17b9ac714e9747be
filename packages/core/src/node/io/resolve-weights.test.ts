import { createHash } from 'node:crypto'
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { EspalierError } from '@espalier/data'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { writeSafetensors } from '../../io/safetensors.js'
import { registerWeights } from '../../io/weights-registry.js'
import type { DownloadProgress } from './download.js'
import { type ResolveWeightsOptions, resolveWeights } from './resolve-weights.js'

const data = Float32Array.from({ length: 50_000 }, (_, i) => i)
const weights = Buffer.from(writeSafetensors(new Map([['w', { shape: [data.length], data }]])))
const sha256 = createHash('sha256').update(weights).digest('hex')
const git = createHash('sha1').update(`blob ${weights.length}\0`).update(weights).digest('hex')
const commit = 'c0ffee'.padEnd(40, '0')

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown

let server: Server
let origin: string
let handle: Handler
let requests: { readonly path: string; readonly token: string | undefined }[]
let root: string

beforeAll(async () => {
  server = createServer((request, response) => {
    requests.push({ path: request.url!, token: request.headers.authorization })
    void handle(request, response)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
beforeEach(() => {
  requests = []
  root = mkdtempSync(join(tmpdir(), 'espalier-weights-'))
})
afterEach(() => {
  server.closeAllConnections()
  rmSync(root, { recursive: true, force: true })
})

const hub = 'models--org--net'
const at = (...parts: string[]) => join(root, 'huggingface/hub', hub, ...parts)

function resolve(ref: string, { env, ...options }: ResolveWeightsOptions = {}): Promise<string> {
  return resolveWeights(ref, {
    env: { XDG_CACHE_HOME: root, HF_ENDPOINT: origin, ...env },
    timeout: 5000,
    ...options,
  })
}

async function refusal(ref: string, options?: ResolveWeightsOptions): Promise<EspalierError> {
  const path = await resolve(ref, options).catch((error: unknown) => {
    if (!(error instanceof EspalierError)) throw error
    return error
  })
  if (typeof path === 'string') throw new Error(`resolved to ${path}`)
  return path
}

/** Every file under the cache, locks aside. */
function files(): string[] {
  const all = readdirSync(root, { recursive: true, withFileTypes: true, encoding: 'utf8' })
  return all
    .flatMap((f) => (f.isDirectory() ? [] : [join(f.parentPath, f.name).slice(root.length + 1)]))
    .sort()
}

const send: Handler = (_, response) =>
  response.writeHead(200, { 'content-length': weights.length }).end(weights)

/** As the hub does for large files: it says what is to come, and sends on to another server. */
function hubHandler(content: Handler = send, headers: Record<string, string | number> = {}): Handler {
  return (request, response) => {
    if (request.url === '/cdn') return content(request, response)
    const location = `${origin.replace('127.0.0.1', 'localhost')}/cdn?signature=secret`
    const facts = { 'x-repo-commit': commit, 'x-linked-etag': `"${sha256}"`, 'x-linked-size': weights.length }
    if (request.url?.startsWith('/cdn')) return content(request, response)
    return response.writeHead(302, { location, ...facts, ...headers }).end('Found. Redirecting')
  }
}

describe('resolveWeights keeps', () => {
  it('a file of the hub in the layout of its own libraries', async () => {
    handle = hubHandler()
    const path = await resolve('hf://org/net/model.safetensors', { env: { HF_TOKEN: 'hf_secret' } })
    expect(path).toBe(at('snapshots', commit, 'model.safetensors'))
    expect(readFileSync(path)).toEqual(weights)
    expect(readlinkSync(path)).toBe(`../../blobs/${sha256}`)
    expect(files()).toEqual([
      `huggingface/hub/${hub}/blobs/${sha256}`,
      `huggingface/hub/${hub}/refs/main`,
      `huggingface/hub/${hub}/snapshots/${commit}/model.safetensors`,
    ])
    expect(readFileSync(at('refs/main'), 'utf8')).toBe(commit)
    // The token is for the hub, and for nobody else.
    expect(requests).toEqual([
      { path: '/org/net/resolve/main/model.safetensors', token: 'Bearer hf_secret' },
      { path: '/cdn?signature=secret', token: undefined },
    ])
  })

  it('a small file that is in the repository itself', async () => {
    handle = (_, response) =>
      response.writeHead(200, { 'x-repo-commit': commit, etag: `"${git}"` }).end(weights)
    const path = await resolve('hf://org/net@v1.0/sub/folder/w.safetensors')
    expect(readlinkSync(path)).toBe(`../../../../blobs/${git}`)
    expect(readFileSync(at('refs/v1.0'), 'utf8')).toBe(commit)
    expect(requests[0]?.path).toBe('/org/net/resolve/v1.0/sub/folder/w.safetensors')
  })

  it('a file at a commit, and at a pull request', async () => {
    handle = hubHandler()
    await resolve(`hf://org/net@${commit}/w.safetensors`)
    expect(files()).toEqual([
      `huggingface/hub/${hub}/blobs/${sha256}`,
      `huggingface/hub/${hub}/snapshots/${commit}/w.safetensors`,
    ])
    await resolve('hf://org/net@refs%2Fpr%2F1/w.safetensors')
    expect(requests.at(-2)?.path).toBe('/org/net/resolve/refs%2Fpr%2F1/w.safetensors')
    expect(readFileSync(at('refs/refs/pr/1'), 'utf8')).toBe(commit)
  })

  it('the first of the usual names that exists', async () => {
    handle = (request, response) =>
      request.url?.endsWith('pytorch_model.bin')
        ? hubHandler()(request, response)
        : request.url?.startsWith('/cdn')
          ? send(request, response)
          : response.writeHead(404).end()
    expect(await resolve('hf://org/net')).toBe(at('snapshots', commit, 'pytorch_model.bin'))
    expect(requests.map((r) => r.path)).toEqual([
      '/org/net/resolve/main/model.safetensors',
      '/org/net/resolve/main/pytorch_model.bin',
      '/cdn?signature=secret',
    ])
    expect(await resolve('hf://org/net', { offline: true })).toBe(
      at('snapshots', commit, 'pytorch_model.bin'),
    )
  })

  it('a file of another address, under its hash', async () => {
    handle = send
    const ref = `${origin}/models/resnet34-b627a593.safetensors?x=1`
    const path = await resolve(ref)
    expect(path).toMatch(
      new RegExp(
        `/espalier/weights/urls--127.0.0.1--[0-9a-f]{32}/snapshots/${sha256}/resnet34-b627a593.safetensors$`,
      ),
    )
    expect(readlinkSync(path)).toBe(`../../blobs/${sha256}`)
    expect(await resolve(ref, { env: { HF_TOKEN: 'hf_secret' } })).toBe(path)
    expect(requests).toEqual([{ path: '/models/resnet34-b627a593.safetensors?x=1', token: undefined }])
    expect(await resolve(ref.replace('x=1', 'x=2'))).not.toBe(path)
  })

  it('everything under cacheDir, HF_HOME or HF_HUB_CACHE', async () => {
    handle = hubHandler()
    const ref = 'hf://org/net/w.safetensors'
    for (const [folder, options] of [
      ['a', { cacheDir: join(root, 'a') }],
      ['b/hub', { env: { HF_HOME: join(root, 'b') } }],
      ['c', { env: { HF_HOME: join(root, 'b'), HF_HUB_CACHE: join(root, 'c') } }],
    ] as const) {
      expect(await resolve(ref, options)).toBe(join(root, folder, hub, 'snapshots', commit, 'w.safetensors'))
    }
  })

  it('a registered file only as it was registered', async () => {
    handle = hubHandler()
    const source = { hf: 'org/net@v2/w.safetensors', sha256, size: weights.length }
    registerWeights('test-net', source)
    registerWeights('test-net', { ...source })
    expect(await resolve('test-net')).toBe(at('snapshots', commit, 'w.safetensors'))
    registerWeights('test-other', {
      hf: 'org/other/w.safetensors',
      sha256: sha256.replace(/./g, '0'),
      size: weights.length,
    })
    expect((await refusal('test-other')).code).toBe('weights/hash')
    registerWeights('test-longer', { hf: 'org/longer/w.safetensors', sha256, size: weights.length + 1 })
    expect((await refusal('test-longer')).code).toBe('weights/size')
    expect(() => registerWeights('test-net', { ...source, size: 1 })).toThrow(
      'registered with another source',
    )
  })
})

describe('resolveWeights with a warm cache', () => {
  const ref = 'hf://org/net/w.safetensors'
  beforeEach(async () => {
    handle = hubHandler()
    await resolve(ref)
    requests = []
  })

  it('asks nobody', async () => {
    handle = (_, response) => response.destroy()
    expect(await resolve(ref)).toBe(at('snapshots', commit, 'w.safetensors'))
    expect(await resolve(ref, { env: { HF_ENDPOINT: 'http://127.0.0.1:1' } })).toBe(
      at('snapshots', commit, 'w.safetensors'),
    )
    for (const HF_HUB_OFFLINE of ['1', 'ON', 'yes', 'true']) await resolve(ref, { env: { HF_HUB_OFFLINE } })
    expect(requests).toEqual([])
  })

  it.each<[what: string, damage: (content: Buffer) => Buffer]>([
    ['one bit of it flipped', (b) => Buffer.from(b.map((v, i) => (i === 9000 ? v ^ 1 : v)))],
    ['its end lost', (b) => b.subarray(0, -1)],
    ['all of it lost', () => Buffer.alloc(0)],
    ['zeros written over it', (b) => Buffer.alloc(b.length)],
  ])('notices when it has had %s, and fetches it again', async (_, damage) => {
    writeFileSync(at('blobs', sha256), damage(weights))
    expect(readFileSync(await resolve(ref))).toEqual(weights)
    expect(requests.length).toBe(2)
    expect(files().filter((f) => f.includes('/blobs/'))).toEqual([
      `huggingface/hub/${hub}/blobs/${sha256}`,
      `huggingface/hub/${hub}/blobs/${sha256}.corrupt`,
    ])
  })

  it('gives nothing damaged out, even offline', async () => {
    writeFileSync(at('blobs', sha256), 'damaged')
    expect((await refusal(ref, { offline: true })).code).toBe('weights/offline')
    expect((await refusal(ref, { offline: true })).message).toMatch(
      /'hf:\/\/org\/net\/w.safetensors' is not in the cache.*\n.*HF_HUB_OFFLINE/,
    )
  })

  it('verifies a path that leads into the cache, too', async () => {
    const path = at('snapshots', commit, 'w.safetensors')
    expect(await resolve(path)).toBe(path)
    writeFileSync(at('blobs', sha256), weights.subarray(0, -8))
    expect((await refusal(path)).message).toMatch(/w.safetensors' is damaged/)
  })

  it('does not put a sound file aside because another one is expected', async () => {
    const other = sha256.replace(/^./, (c) => (c === '0' ? '1' : '0'))
    expect((await refusal(ref, { sha256: other })).code).toBe('weights/hash')
    expect(await resolve(ref, { offline: true })).toBe(at('snapshots', commit, 'w.safetensors'))
    expect(await resolve(ref, { offline: true, sha256: sha256.toUpperCase(), size: weights.length })).toBe(
      at('snapshots', commit, 'w.safetensors'),
    )
  })

  it('asks again when it is told to, and takes what is there', async () => {
    const later = 'd'.repeat(40)
    handle = hubHandler(send, { 'x-repo-commit': later })
    expect(await resolve(ref, { refresh: true })).toBe(at('snapshots', later, 'w.safetensors'))
    expect(files().filter((f) => f.includes('/blobs/'))).toHaveLength(1)
    expect(await resolve(ref)).toBe(at('snapshots', later, 'w.safetensors'))
    expect(await resolve(`hf://org/net@${commit}/w.safetensors`)).toBe(
      at('snapshots', commit, 'w.safetensors'),
    )
  })

  it('removes what a killed process left a day ago, and nothing younger', async () => {
    const names = [
      '6b29fc40-ca47-4067-b31d-00dd010662da.incomplete',
      '7b29fc40-ca47-4067-b31d-00dd010662da.incomplete',
      'abc.incomplete',
    ]
    for (const name of names) writeFileSync(at('blobs', name), 'x')
    const now = Date.now()
    for (const [i, hours] of [25, 23, 25].entries())
      utimesSync(at('blobs', names[i]!), new Date(now), new Date(now - hours * 3_600_000))
    writeFileSync(at('blobs', sha256), 'damaged')
    await resolve(ref, { now: () => now })
    expect(readdirSync(at('blobs')).filter((name) => name.endsWith('.incomplete'))).toEqual(names.slice(1))
  })
})

describe('resolveWeights refuses', () => {
  const page = '<!DOCTYPE html><html><body>Not found</body></html>'
  const half: Handler = (_, response) => {
    response.writeHead(200, { 'content-length': weights.length })
    response.write(weights.subarray(0, 100_000), () => response.destroy())
  }
  it.each<[what: string, code: string, message: RegExp, handler: () => Handler]>([
    [
      'a page of 404',
      'weights/http',
      /answers 404\n.*check the name/,
      () => (_, r) => r.writeHead(404, { 'content-type': 'text/html' }).end(page),
    ],
    ['a page of 401', 'weights/http', /answers 401\n.*HF_TOKEN/, () => (_, r) => r.writeHead(401).end(page)],
    [
      'a server that is broken',
      'weights/http',
      /answers 503\n.*later/,
      () => (_, r) => r.writeHead(503).end(page),
    ],
    ['a redirect to nowhere', 'weights/http', /answers 302/, () => (_, r) => r.writeHead(302).end()],
    ['a page of 200', 'weights/format', /127.*was not kept:.*a web page/, () => (_, r) => r.end(page)],
    ['a long page of 200', 'weights/format', /a web page/, () => (_, r) => r.end(page.repeat(9999))],
    ['nothing', 'weights/format', /empty/, () => (_, r) => r.end()],
    ['a pickle', 'weights/format', /pickle/, () => (_, r) => r.end('\u0080\u0004}.', 'latin1')],
    ['a file cut off', 'weights/network', /terminated/, () => half],
    ['a connection torn before an answer', 'weights/network', /fetch failed/, () => (_, r) => r.destroy()],
    [
      'redirects in a circle',
      'weights/redirect',
      /more than 8 times/,
      () => (_, r) => r.writeHead(302, { location: '/again' }).end(),
    ],
    [
      'a redirect to a file',
      'weights/redirect',
      /redirects to 'file:\/\/\/etc\/passwd'/,
      () => (_, r) => r.writeHead(302, { location: 'file:///etc/passwd' }).end(),
    ],
    [
      'a redirect to data',
      'weights/redirect',
      /'data:/,
      () => (_, r) => r.writeHead(302, { location: 'data:,x' }).end(),
    ],
    [
      'a redirect to ftp',
      'weights/redirect',
      /'ftp:/,
      () => (_, r) => r.writeHead(307, { location: 'ftp://127.0.0.1/x' }).end(),
    ],
  ])('%s', async (_, code, message, handler) => {
    handle = handler()
    const error = await refusal(`${origin}/w.safetensors?secret=1`)
    expect(error.code).toBe(code)
    expect(error.message).toMatch(message)
    expect(error.message).not.toContain('secret')
    expect(files()).toEqual([])
  })

  it.each<[what: string, code: string, handler: () => Handler]>([
    [
      'a file that is shorter than the hub said',
      'weights/size',
      () => hubHandler((_, r) => r.write(weights.subarray(0, -8), () => r.end())),
    ],
    [
      'a file that is longer than the hub said',
      'weights/size',
      () => hubHandler((_, r) => r.write(Buffer.concat([weights, weights]), () => r.end())),
    ],
    [
      'a file that is announced longer than the hub said',
      'weights/size',
      () => hubHandler((_, r) => r.writeHead(200, { 'content-length': 1e9 }).write('x')),
    ],
    [
      'a file with another hash',
      'weights/hash',
      () => hubHandler((_, r) => r.end(Buffer.from(weights.map((v, i) => (i === 9999 ? v ^ 1 : v))))),
    ],
    [
      'a small file with another hash',
      'weights/hash',
      () => (_, r) =>
        r.writeHead(200, { 'x-repo-commit': commit, etag: `"${git.replace(/^../, '00')}"` }).end(weights),
    ],
    ['a server that is no hub', 'weights/hub', () => send],
    ['a commit that is a path', 'weights/hub', () => hubHandler(send, { 'x-repo-commit': '../../../x' })],
    ['a page on the server behind', 'weights/size', () => hubHandler((_, r) => r.end(page))],
    ['404 on the server behind', 'weights/http', () => hubHandler((_, r) => r.writeHead(404).end(page))],
  ])('from the hub, %s', async (_, code, handler) => {
    handle = handler()
    expect((await refusal('hf://org/net/w.safetensors')).code).toBe(code)
    expect(files()).toEqual([])
  })

  it('a hash of the hub as a path: the content is named by its own', async () => {
    handle = hubHandler(send, { 'x-linked-etag': '"../../x"' })
    await resolve('hf://org/net/w.safetensors')
    expect(readdirSync(at('blobs'))).toEqual([sha256])
  })

  it('facts from any server but the hub', async () => {
    handle = (request, response) =>
      request.url?.startsWith('/cdn')
        ? response
            .writeHead(200, { 'x-repo-commit': 'e'.repeat(40), 'x-linked-etag': 'e'.repeat(64) })
            .end(weights)
        : hubHandler()(request, response)
    expect(await resolve('hf://org/net/w.safetensors')).toBe(at('snapshots', commit, 'w.safetensors'))
  })

  it('more than maxBytes, where the size is not known, and where it is', async () => {
    handle = (_, response) => response.write(weights, () => response.end())
    expect((await refusal(`${origin}/w`, { maxBytes: 100_000 })).message).toMatch(
      /sent more than 100000 bytes/,
    )
    handle = send
    expect((await refusal(`${origin}/w`, { maxBytes: 100_000 })).message).toMatch(/announces 200/)
    expect(files()).toEqual([])
  })

  it('to take another server for the hub', async () => {
    handle = (request, response) =>
      request.url?.startsWith('/cdn')
        ? response.writeHead(200, { 'x-repo-commit': commit, 'x-linked-etag': sha256 }).end(weights)
        : response.writeHead(302, { location: `${origin.replace('127.0.0.1', 'localhost')}/cdn` }).end()
    expect((await refusal('hf://org/net/w.safetensors')).code).toBe('weights/hub')
    expect(files()).toEqual([])
  })

  it.each(['nowhere', 'file:///etc', 'https://'])('the endpoint %s', async (HF_ENDPOINT) => {
    expect((await refusal('hf://org/net/w.safetensors', { env: { HF_ENDPOINT } })).code).toBe('weights/hub')
  })

  it('to name content by a hash that the hub claims and it does not have', async () => {
    handle = hubHandler(send, { 'x-linked-etag': '0'.repeat(64) })
    await resolve('hf://org/net/w.safetensors', { sha256 })
    expect(readdirSync(at('blobs'))).toEqual([sha256])
  })

  it('a redirect from https to http', async () => {
    const fetch = async () =>
      new Response(null, { status: 302, headers: { location: 'http://example.com/w' } })
    const error = await refusal('https://example.com/w', { fetch })
    expect([error.code, error.message]).toEqual([
      'weights/redirect',
      expect.stringMatching(/which is not followed/),
    ])
  })

  it('a server that is silent: before its answer, and in the middle', async () => {
    const silent: Handler = () => undefined
    const stops: Handler = (_, response) => response.writeHead(200).write(weights.subarray(0, 100_000))
    for (const handler of [silent, stops]) {
      handle = handler
      const start = performance.now()
      const error = await refusal(`${origin}/w`, { timeout: 300 })
      expect(error.code).toBe('weights/timeout')
      expect(error.message).toMatch(/sent nothing for 0.3 s/)
      expect(performance.now() - start).toBeLessThan(3000)
    }
    expect(files()).toEqual([])
  })

  it('no server that is slow: only silence counts', async () => {
    handle = async (_, response) => {
      for (let i = 0; i < 8; i++) {
        response.write(weights.subarray((i * weights.length) / 8, ((i + 1) * weights.length) / 8))
        await sleep(100)
      }
      response.end()
    }
    expect(readFileSync(await resolve(`${origin}/w`, { timeout: 400 }))).toEqual(weights)
  })

  it('to go on when it is told to stop', async () => {
    const before = AbortSignal.abort(new Error('changed my mind'))
    handle = send
    const early = await refusal(`${origin}/w`, { signal: before })
    expect([early.code, early.message]).toEqual(['weights/aborted', expect.stringMatching(/changed my mind/)])
    const stop = new AbortController()
    handle = (_, response) => response.write(weights.subarray(0, 100_000), () => stop.abort())
    expect((await refusal(`${origin}/w`, { signal: stop.signal })).code).toBe('weights/aborted')
    expect(files()).toEqual([])
  })

  it('with what a callback throws, and keeps nothing', async () => {
    handle = send
    const onProgress = () => {
      throw new TypeError('mine')
    }
    await expect(resolve(`${origin}/w`, { onProgress })).rejects.toThrow('mine')
    expect(files()).toEqual([])
  })

  it('a server that is not there', async () => {
    const error = await refusal('hf://org/net/w.safetensors', { env: { HF_ENDPOINT: 'http://127.0.0.1:1' } })
    expect([error.code, error.message]).toEqual([
      'weights/network',
      expect.stringMatching(/cannot fetch http:.*(ECONNREFUSED|bad port)/),
    ])
  })

  it('a cache that cannot be written', async () => {
    handle = hubHandler()
    writeFileSync(join(root, 'file'), '')
    const error = await refusal('hf://org/net/w.safetensors', { cacheDir: join(root, 'file') })
    expect([error.code, error.message]).toEqual(['weights/disk', expect.stringMatching(/\n.*HF_HOME/)])
  })

  it.each([
    'hf://org',
    'hf://org/',
    'hf:///net',
    'hf://../net',
    'hf://org/..',
    'hf://org/net@../x',
    'hf://org/net@..%2F..%2Fx/w',
    'hf://org/net@%2e%2e/w',
    'hf://org/net/../w',
    'hf://org/net/a/../../w',
    'hf://org/net//w',
    'hf://org/net/a\\..\\w',
    'hf://org/net/C:w',
    'hf://org/net/w\0',
    'hf://org/net/.',
    'hf://org/net/w.',
    'hf://org/net@/w',
    'hf://a/b/\u202ew',
    `hf://org/${'n'.repeat(201)}`,
    'http://example.com/w',
    'http://127.0.0.1.example.com/w',
    'file:///etc/passwd',
    'ftp://example.com/w',
    'https://',
    'https://user:pass@example.com/w',
    '',
    'a\0b',
  ])('the reference %j', async (ref) => {
    handle = send
    expect((await refusal(ref)).code).toBe('weights/ref')
    expect(requests).toEqual([])
    expect(files()).toEqual([])
  })
})

it('reports progress', async () => {
  handle = send
  const seen: DownloadProgress[] = []
  await resolve(`${origin}/w?secret`, { onProgress: (p) => seen.push(p) })
  expect(seen.at(-1)).toEqual({ url: `${origin}/w`, received: weights.length, total: weights.length })
  expect(seen.every((p, i) => p.received > (seen[i - 1]?.received ?? 0))).toBe(true)
})

describe('resolveWeights of a path', () => {
  it('gives the path of a file that is there and is weights', async () => {
    const path = join(root, 'w.safetensors')
    writeFileSync(path, weights)
    expect(await resolve(path)).toBe(path)
    expect(await resolve(path, { sha256, size: weights.length })).toBe(path)
    expect((await refusal(path, { size: 1 })).code).toBe('weights/hash')
    expect((await refusal(path, { sha256: '0'.repeat(64) })).code).toBe('weights/hash')
    expect((await refusal(path, { sha256: 'x' })).code).toBe('weights/source')
    expect((await refusal(join(root, 'v.safetensors'))).message).toMatch(
      /there is no file '.*v.safetensors'\n.*hf:\/\/org\/name/,
    )
    expect((await refusal(root)).code).toBe('weights/not-found')
    expect((await refusal('resnet34')).message).toMatch(/\n.*(registered|one of)/)
  })

  it('refuses other files, and takes any when asked to', async () => {
    const path = join(root, 'vocab.json')
    writeFileSync(path, '{"a":1}')
    const error = await refusal(path)
    expect([error.code, error.message]).toEqual([
      'weights/format',
      expect.stringMatching(/cannot read '.*vocab.json':.*JSON/),
    ])
    expect(await resolve(path, { accept: () => undefined })).toBe(path)
  })
})

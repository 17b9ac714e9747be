import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { writeSafetensors } from '../../io/safetensors.js'

const weights = Buffer.from(
  writeSafetensors(new Map([['w', { shape: [3_000_000], data: new Float32Array(3_000_000).fill(2) }]])),
)
const sha256 = createHash('sha256').update(weights).digest('hex')
const commit = 'a'.repeat(40)

/** A process of its own that wants the file, once all of them are there. */
const program = `
import { existsSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { resolveWeights } from ${JSON.stringify(new URL('resolve-weights.ts', import.meta.url).href)}
console.log('ready')
while (!existsSync(process.env.GO)) await setTimeout(5)
console.log(await resolveWeights('hf://org/net/model.safetensors'))
`

it.each([
  { count: 8, where: 'with locks', locks: true },
  { count: 20, where: 'where locks cannot be kept', locks: false },
])(
  '$count processes that start cold at once, $where, end with one valid entry',
  async ({ count, locks }) => {
    const root = mkdtempSync(join(tmpdir(), 'espalier-cold-'))
    let downloads = 0
    const server = createServer((request, response) => {
      if (request.url === '/content') {
        downloads++
        response.writeHead(200, { 'content-length': weights.length }).end(weights)
      } else {
        response
          .writeHead(302, {
            location: '/content',
            'x-repo-commit': commit,
            'x-linked-etag': `"${sha256}"`,
            'x-linked-size': weights.length,
          })
          .end()
      }
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    try {
      // A file where the locks' folder would be.
      if (!locks) writeFileSync(join(root, '.locks'), '')
      const env = {
        ...process.env,
        HF_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        HF_HUB_CACHE: root,
        GO: join(root, 'go'),
        NODE_OPTIONS: '',
      }
      const cwd = fileURLToPath(new URL('../../../../../', import.meta.url))
      let ready = 0
      const runs = Array.from({ length: count }, () => {
        const child = spawn(
          process.execPath,
          ['--conditions=espalier-source', '--import=tsx', '--input-type=module', '-e', program],
          { cwd, env },
        )
        return new Promise<{ code: number | null; out: string; error: string }>((done) => {
          let [out, error] = ['', '']
          child.stdout.on('data', (text) => {
            out += text
            if (String(text).includes('ready') && ++ready === count) writeFileSync(env.GO, '')
          })
          child.stderr.on('data', (text) => {
            error += text
          })
          child.on('close', (code) => done({ code, out: out.replace('ready\n', '').trim(), error }))
        })
      })
      const path = join(root, 'models--org--net/snapshots', commit, 'model.safetensors')
      for (const run of await Promise.all(runs)) expect(run).toEqual({ code: 0, out: path, error: '' })
      expect(readFileSync(path).equals(weights)).toBe(true)
      expect(readdirSync(join(root, 'models--org--net/blobs'))).toEqual([sha256])
      expect(readdirSync(join(root, 'models--org--net/snapshots', commit))).toEqual(['model.safetensors'])
      if (locks) expect(downloads).toBe(1)
      else expect(downloads).toBeGreaterThan(1)
    } finally {
      server.closeAllConnections()
      server.close()
      rmSync(root, { recursive: true, force: true })
    }
  },
  120_000,
)

import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { dataFolder, filesOf } from '../apps/demo/src/data-folder.js'

const folder = mkdtempSync(join(tmpdir(), 'demo-data-'))
beforeAll(() => {
  vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'))
})
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

/** One entry of a tar. */
function entry(name: string, body: string, type = '0'): Buffer {
  const head = Buffer.alloc(512)
  head.write(name.slice(-100), 0)
  head.write(body.length.toString(8).padStart(11, '0'), 124)
  head.write(type, 156)
  head.write('ustar', 257)
  const data = Buffer.alloc(512 * Math.ceil(body.length / 512))
  data.write(body)
  return Buffer.concat([head, data])
}
const end = Buffer.alloc(1024)
const tar = Buffer.concat([
  entry('set/', '', '5'),
  entry('set/a.txt', 'first'),
  entry('set/b/c.txt', 'x'.repeat(600)),
  end,
])

it('takes the folder it is given, or unpacks an archive that lies there, once', async () => {
  expect(await dataFolder(folder, { file: 'none.tar' })).toBe(folder)
  writeFileSync(join(folder, 'set.tar'), tar)
  const unpacked = await dataFolder(folder, { file: 'set.tar' })
  expect(readFileSync(join(unpacked, 'set/a.txt'), 'utf8')).toBe('first')
  expect(readFileSync(join(unpacked, 'set/b/c.txt'), 'utf8')).toHaveLength(600)
  writeFileSync(join(unpacked, 'set/a.txt'), 'kept')
  expect(await dataFolder(folder, { file: 'set.tar' })).toBe(unpacked)
  expect(readFileSync(join(unpacked, 'set/a.txt'), 'utf8')).toBe('kept')
})

it('downloads what is nowhere here, once, and says where it looked otherwise', async () => {
  let asked = 0
  const server = createServer((request, response) => {
    asked++
    if (request.url === '/far.tar.gz') response.end(gzipSync(tar))
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    const archive = { file: 'far.tar.gz', url: `${address}/far.tar.gz` }
    const unpacked = await dataFolder(undefined, archive)
    expect(readFileSync(join(unpacked, 'set/a.txt'), 'utf8')).toBe('first')
    expect(await dataFolder(undefined, archive)).toBe(unpacked)
    expect(asked).toBe(1)
    const other = { file: 'other.tar.gz', url: archive.url, sha256: '0'.repeat(64) }
    await expect(dataFolder(undefined, other)).rejects.toThrow('gave other bytes than expected (')
    const bytes = new Uint8Array(await (await fetch(archive.url)).arrayBuffer())
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const right = await dataFolder(undefined, { ...other, sha256 })
    expect(readFileSync(join(right, 'set/a.txt'), 'utf8')).toBe('first')
    const gone = dataFolder(undefined, { file: 'gone.tar', url: `${address}/gone.tar` })
    await expect(gone).rejects.toThrow('answered 404: say --data DIR')
  } finally {
    server.close()
  }
  await expect(dataFolder(undefined, { file: 'gone.tar' })).rejects.toThrow(
    'the data of this demo is not here: say --data DIR, the folder that holds it or gone.tar',
  )
  await expect(dataFolder(join(folder, 'no'), { file: 'a.tar' })).rejects.toThrow("there is no folder '")
})

it('reads long names, passes over links, and follows no path out of the folder', () => {
  const long = `set/${'deep/'.repeat(30)}a.txt`
  const path = ` path=${long}\n`
  const record = `${path.length + 3}${path}`
  const both = Buffer.concat([
    entry('pax', record, 'x'),
    entry('set/short', 'one'),
    entry('././@LongLink', `${long}\0`, 'L'),
    entry('set/short', 'two'),
    entry('set/link', '', '2'),
    end,
  ])
  const found = [...filesOf(both)].map(({ path, data }) => [path.join('/'), data.toString()])
  expect(found).toEqual([
    [long, 'one'],
    [long, 'two'],
  ])
  const outside = Buffer.concat([entry('../../etc/passwd', 'x'), end])
  expect(() => [...filesOf(outside)]).toThrow("this archive holds the path '../../etc/passwd'")
})

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { largeDownload, setUp } from './environment.js'
import { environmentFolder } from './peers.js'
import { findPython, isEnough } from './python.js'

let folder: string
let said: string[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'espalier-peers-'))
  said = []
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const options = (check: string) => ({
  env: { XDG_CACHE_HOME: folder },
  say: (line: string) => said.push(line),
  check,
})

/** Peers that need no package. */
function undemandingPeers(): string {
  const peers = join(folder, 'peers')
  mkdirSync(peers)
  writeFileSync(join(peers, 'bench_peer.py'), '')
  writeFileSync(join(peers, 'requirements.txt'), '# nothing to fetch\n')
  return peers
}

const missing = await findPython().then(
  ({ command }) => {
    const { status } = spawnSync(command, ['-c', 'import ensurepip, venv'])
    return status === 0 ? undefined : `${command} cannot make environments`
  },
  (error: Error) => error.message,
)
if (missing) console.log(`environments are not tested: ${missing}`)

it.skipIf(missing)('makes an environment once', async () => {
  const peers = undemandingPeers()
  const made = await setUp(peers, options('import json'))
  expect(existsSync(made)).toBe(true)
  expect(said.at(0)).toMatch(/^making an environment for the peers with Python 3\./)
  said = []
  expect(await setUp(peers, options('import json'))).toBe(made)
  expect(said).toEqual([
    `the environment of the peers is there: ${environmentFolder(peers, options('').env)}`,
  ])
})

it.skipIf(missing)(
  'leaves nothing behind where it fails, and clears up after those that were ended',
  async () => {
    const peers = undemandingPeers()
    const final = environmentFolder(peers, options('').env)
    mkdirSync(`${final}.building-${2 ** 30}`, { recursive: true })
    await expect(setUp(peers, options('import no_such_module'))).rejects.toThrow(
      /No module named 'no_such_module'/,
    )
    expect(readdirSync(dirname(final))).toEqual([])
  },
)

it('takes the first Python that is new enough', async () => {
  await expect(findPython(['no-such-python', process.execPath])).rejects.toThrow('no Python 3.11 or newer')
  expect(['3.11.7', '3.13.0', '3.9.1', '2.7.18', '4.0.0'].filter(isEnough)).toEqual(['3.11.7', '3.13.0'])
})

it('tells of large downloads only', () => {
  const of = (line: string) => largeDownload(line)
  expect(of('  Downloading torch-2.15.0-cp311-cp311-manylinux_2_28_x86_64.whl (530.1 MB)')).toBe(
    'torch-2.15.0-cp311-cp311-manylinux_2_28_x86_64.whl, 530.1 MB',
  )
  expect(of('Downloading https://host/x/cudnn-9.whl (1.2 GB)')).toBe('cudnn-9.whl, 1.2 GB')
  expect(of('Downloading torch-2.15.0.whl.metadata (100.5 kB)')).toBeUndefined()
  expect(of('Downloading six-1.17.0.whl (11 kB)')).toBeUndefined()
  expect(of('Installing collected packages: a, b')).toBe('unpacking')
})

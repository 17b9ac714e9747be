import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { environmentFolder, findPeers, findPrograms, peersFolder, pythonIn } from './peers.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'espalier-peers-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function programs(requirements = 'torch==1\n'): string {
  writeFileSync(join(folder, 'bench_peer.py'), '')
  writeFileSync(join(folder, 'requirements.txt'), requirements)
  return folder
}

it('looks beside the repository, or where ESPALIER_PEERS says', () => {
  expect(peersFolder({})).toMatch(/shared[/\\]peers$/)
  expect(findPrograms({ ESPALIER_PEERS: programs() })).toBe(folder)
})

it('objects to a named folder that has no peers', () => {
  expect(() => findPrograms({ ESPALIER_PEERS: folder })).toThrow(`there are no peers in ${folder}`)
})

it('has an environment for each list of requirements', () => {
  const env = { XDG_CACHE_HOME: folder }
  const first = environmentFolder(programs(), env)
  expect(dirname(first)).toBe(join(folder, 'espalier', 'peers'))
  expect(environmentFolder(programs(), env)).toBe(first)
  expect(environmentFolder(programs('torch==2\n'), env)).not.toBe(first)
})

it('says what to run where the environment is missing, and finds it once it is there', () => {
  const env = { ESPALIER_PEERS: programs(), XDG_CACHE_HOME: folder }
  expect(() => findPeers(env)).toThrow('pnpm bench:setup')
  const python = pythonIn(environmentFolder(folder, env))
  mkdirSync(dirname(python), { recursive: true })
  writeFileSync(python, '')
  expect(findPeers(env)).toEqual({ folder, python })
})

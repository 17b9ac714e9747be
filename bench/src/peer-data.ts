import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Peers } from './peers.js'
import { runProgram } from './program.js'

/** The folder of the data that the peers read, unpacked once beside their environment. */
export async function peerData({ folder, python }: Peers): Promise<string> {
  const to = join(dirname(dirname(dirname(python))), 'data')
  if (existsSync(join(to, '.complete'))) return to
  const half = `${to}.${process.pid}`
  const args = [join(folder, 'prepare_data.py'), '--to', half]
  await runProgram({ name: 'prepare_data.py', command: python, args, env: { PYTHONDONTWRITEBYTECODE: '1' } })
  await rm(to, { recursive: true, force: true })
  await rename(half, to)
  return to
}

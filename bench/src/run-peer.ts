import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Measurement } from './measurement.js'
import type { Peers } from './peers.js'
import type { Program } from './program.js'
import { measure } from './run-ours.js'

const programs = fileURLToPath(new URL('../programs', import.meta.url))

/** Runs one variant of a task of `bench_peer.py`: those whose fields are as given; `data`: what it reads. */
export function runPeer(
  task: string,
  only: Readonly<Record<string, string>>,
  threads: number,
  { folder, python }: Peers,
  data?: string,
): Promise<Measurement> {
  const wanted = Object.entries(only).flatMap(([key, value]) => ['--only', `${key}=${value}`])
  return measure({
    name: `bench_peer.py ${task}`,
    command: python,
    args: [
      join(folder, 'bench_peer.py'),
      task,
      '--threads',
      String(threads),
      ...wanted,
      ...(data ? ['--data', data] : []),
    ],
    env: { PYTHONDONTWRITEBYTECODE: '1' },
  })
}

/** One of our own programs in Python, run with what the peers have. */
export function peerProgram(
  file: string,
  args: readonly string[],
  threads: number,
  { python }: Peers,
): Program {
  return {
    name: file,
    command: python,
    args: [join(programs, file), ...args],
    env: {
      OMP_NUM_THREADS: String(threads),
      MKL_NUM_THREADS: String(threads),
      PYTHONWARNINGS: 'ignore',
      PYTHONDONTWRITEBYTECODE: '1',
      MPLBACKEND: 'Agg',
    },
  }
}

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { EspalierError } from '@espalier/data'

/** Runs a command whose output is watched line by line, and told only when it fails. */
export function runWatched(
  name: string,
  command: string,
  args: readonly string[],
  onLine: (line: string) => void = () => {},
): Promise<void> {
  return new Promise((resolve, reject) => {
    const last: string[] = []
    const hear = (line: string) => {
      last.push(line)
      if (last.length > 20) last.shift()
      onLine(line)
    }
    const child = spawn(command, [...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    createInterface({ input: child.stdout }).on('line', hear)
    createInterface({ input: child.stderr }).on('line', hear)
    child.on('error', (cause) => {
      reject(new EspalierError('bench/set-up', `${name} could not be started: ${cause.message}`, { cause }))
    })
    child.on('close', (status, signal) => {
      if (status === 0) resolve()
      else
        reject(
          new EspalierError(
            'bench/set-up',
            `${name} ended with ${signal ?? `exit ${status}`}:\n${last.join('\n')}`,
            {
              fix: 'check the network and the disk, and run this again',
            },
          ),
        )
    })
  })
}

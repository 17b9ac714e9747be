import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** How a process ended, and what it said. */
export interface Ended {
  readonly code: number | null
  readonly signal: string | null
  readonly out: string
  readonly err: string
  readonly seconds: number
}

/** What to run, and with which environment on top. */
export interface Child {
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Told each line as it comes. */
  readonly onLine?: (line: string, child: ChildProcess) => void
  readonly onStart?: (child: ChildProcess) => void
}

/** Runs a TypeScript program of this folder in a process of its own, to its end. */
export async function run({ args, env = {}, onLine, onStart }: Child): Promise<Ended> {
  const began = performance.now()
  const child = spawn(process.execPath, ['--import', 'tsx', ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, err, rest] = ['', '', '']
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk
    const lines = `${rest}${chunk}`.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onLine?.(line, child)
  })
  child.stderr.on('data', (chunk: Buffer) => (err += chunk))
  onStart?.(child)
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  return { code, signal, out, err, seconds: (performance.now() - began) / 1000 }
}

/** The path of a program of this folder. */
export function program(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url))
}

/** The last line that a run said: what came out of it. */
export function outcome({ out, err }: Ended): string {
  return /^digest .*$/m.exec(out)?.[0] ?? `no outcome: ${err.trim().split('\n')[0]}`
}

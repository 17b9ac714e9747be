import { spawn } from 'node:child_process'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { EspalierError } from '@espalier/data'

/** The folder of the repository: where programs are run. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

/** A program to run: its name in messages, the command, and what its environment has besides ours. */
export interface Program {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** What a program that succeeded left. */
export interface Ran {
  readonly stdout: string
  /** From its start to its end. */
  readonly seconds: number
  /** From its start to the end of the first line that it printed. */
  readonly firstLineSeconds: number
  /** Processor seconds that the whole machine spent meanwhile. */
  readonly busySeconds: number
}

/** Runs a program to its end, in a process of its own. */
export function runProgram({ name, command, args, env }: Program): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const busyBefore = busySeconds()
    const began = performance.now()
    const since = () => (performance.now() - began) / 1000
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let [stdout, stderr, firstLineSeconds] = ['', '', 0]
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
      if (firstLineSeconds === 0 && stdout.includes('\n')) firstLineSeconds = since()
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.on('error', (cause) => {
      reject(new EspalierError('bench/program', `${name} could not be started: ${cause.message}`, { cause }))
    })
    child.on('close', (status, signal) => {
      const seconds = since()
      if (status === 0)
        return resolve({ stdout, seconds, firstLineSeconds, busySeconds: busySeconds() - busyBefore })
      const said = (stderr.trim() || stdout.trim()).split('\n').slice(-20).join('\n')
      reject(new EspalierError('bench/program', `${name} ended with ${signal ?? `exit ${status}`}:\n${said}`))
    })
  })
}

/** Cores that other programs kept busy while ours ran and spent `cpuSeconds`. */
export function othersCores({ seconds, busySeconds }: Ran, cpuSeconds: number): number {
  return Math.max(0, busySeconds - cpuSeconds) / seconds
}

/** Processor seconds that the machine has spent since it started. */
function busySeconds(): number {
  return cpus().reduce((sum, { times: { user, nice, sys, irq } }) => sum + user + nice + sys + irq, 0) / 1000
}

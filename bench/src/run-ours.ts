import { fileURLToPath } from 'node:url'
import { type Measurement, parseMeasurement } from './measurement.js'
import type { WorkName, WorkOptions } from './ours/work.js'
import { othersCores, type Program, type Ran, runProgram } from './program.js'
import type { Conditions } from './task.js'

const child = fileURLToPath(new URL('ours/main.ts', import.meta.url))

/** Runs one of our works in a process of its own. */
export async function runOurs<N extends WorkName>(
  name: N,
  options: WorkOptions<N>,
  { threads, engine }: Pick<Conditions, 'threads' | 'engine'>,
): Promise<Measurement> {
  const program = work(name, options, threads)
  return measure(engine ? { ...program, env: { ...program.env, ESPALIER_ENGINE: engine } } : program)
}

/** Runs a program that prints a measurement. */
export async function measure(program: Program): Promise<Measurement> {
  const ran = await runProgram(program)
  return withNoise(parseMeasurement(ran.stdout, program.name), ran)
}

/** A work as a program, from source. */
export function work<N extends WorkName>(name: N, options: WorkOptions<N>, threads: number): Program {
  return {
    name: `our ${name}`,
    command: process.execPath,
    args: [...process.execArgv, child, name, JSON.stringify(options)],
    env: ourThreads(threads),
  }
}

/** What tells our engine how many threads to use. */
export const ourThreads = (threads: number): Record<string, string> => ({
  ESPALIER_THREADS: String(threads),
  OMP_NUM_THREADS: String(threads),
})

/** Adds what other programs did meanwhile, unless the program has seen to that itself. */
function withNoise(measured: Measurement, ran: Ran): Measurement {
  const { others_cores, cpu_total_s } = measured
  if (others_cores !== undefined || cpu_total_s === undefined) return measured
  return { ...measured, others_cores: othersCores(ran, cpu_total_s) }
}

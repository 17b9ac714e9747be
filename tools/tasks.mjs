// `node tools/tasks.mjs TASK …` runs turbo's tasks: a line when one begins, the output of those that fail, a table
// of times in the end. What has not changed since it last passed is not run again.
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { environment, hasEngine, root } from './setup.mjs'

/** Tasks run two at a time, and their tests in processes of their own: threads besides would only be in each other's way. */
const oneThread = { ESPALIER_THREADS: '1', OMP_NUM_THREADS: '1' }

/**
 * Runs tasks in every package that has them; returns turbo's exit status.
 * @param {readonly string[]} tasks
 * @param {{ native: boolean }} options `native`: whether the native engine is there, which tests depend on
 */
export async function runTasks(tasks, { native }) {
  const runs = join(root, '.turbo/runs')
  rmSync(runs, { recursive: true, force: true })
  const flags = ['--continue', '--concurrency=2', '--output-logs=full', '--log-order=stream', '--summarize']
  const child = spawn(
    process.execPath,
    [join(root, 'node_modules/turbo/bin/turbo'), 'run', ...tasks, ...flags],
    {
      cwd: root,
      env: { ...oneThread, ...environment, NO_COLOR: '1', ESPALIER_NATIVE: native ? '1' : '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  const listener = listen()
  /** @type {number} */
  const status = await new Promise((resolve) => {
    lines(child.stdout, listener)
    lines(child.stderr, listener)
    child.on('close', (code) => resolve(code ?? 1))
  })
  printTimes(runs)
  return status
}

/**
 * Turbo's lines are `PACKAGE:TASK: TEXT`; those of other shapes are its own.
 * @returns {(line: string) => void}
 */
function listen() {
  /** @type {Map<string, string[]>} */
  const said = new Map()
  /** @param {string} task */
  const sayAll = (task) => {
    console.log(`\n✗ ${shortName(task)}\n${(said.get(task) ?? []).join('\n')}\n`)
    said.delete(task)
  }
  return (line) => {
    const failed = /^(\S+)#(\S+?):\s+WARNING\s+command finished with error/.exec(line)
    if (failed) return sayAll(`${failed[1]}:${failed[2]}`)
    const [, task, text] = /^(\S+?:[a-z:]+): ?(.*)$/.exec(line) ?? []
    if (task === undefined || text === undefined) {
      if (/^\s+x /.test(line)) console.log(line)
    } else if (text.startsWith('cache miss')) console.log(`  ${shortName(task)} …`)
    else if (!text.startsWith('cache hit')) said.set(task, [...(said.get(task) ?? []), text])
  }
}

/** @param {string} task */
const shortName = (task) =>
  task
    .replace('@espalier/', '')
    .replace(/^\/\/[:#]/, '')
    .replace(/[:#]/g, ' ')

/** @param {string} folder where turbo wrote its summary */
function printTimes(folder) {
  /** @type {string[]} */
  let files = []
  try {
    files = readdirSync(folder)
  } catch {
    return
  }
  for (const file of files) {
    const { tasks, execution } = JSON.parse(readFileSync(join(folder, file), 'utf8'))
    const ran = tasks.filter((/** @type {any} */ t) => t.execution && t.cache.status === 'MISS')
    const slowest = ran
      .map((/** @type {any} */ t) => ({
        name: shortName(t.taskId),
        seconds: (t.execution.endTime - t.execution.startTime) / 1000,
      }))
      .sort((/** @type {any} */ a, /** @type {any} */ b) => b.seconds - a.seconds)
    for (const { name, seconds } of slowest.slice(0, 12))
      console.log(`  ${name.padEnd(24)} ${seconds.toFixed(0).padStart(4)} s`)
    const all = ((execution.endTime - execution.startTime) / 1000).toFixed(0)
    console.log(`${execution.attempted} tasks in ${all} s, ${execution.cached} of them unchanged`)
  }
}

/**
 * @param {import('node:stream').Readable} stream
 * @param {(line: string) => void} take
 */
function lines(stream, take) {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (chunk) => {
    const parts = (rest + chunk).split('\n')
    rest = parts.pop() ?? ''
    for (const part of parts) take(part)
  })
  stream.on('end', () => rest && take(rest))
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.exit(await runTasks(process.argv.slice(2), { native: hasEngine() }))
}

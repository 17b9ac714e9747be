/**
 * `pnpm golden [--topic T] [--filter REGEX] [--engine native|wasm|cpu] [--strict]`: recomputes the golden cases of
 * the folder `ESPALIER_GOLDEN` (default `testdata/golden`) and compares. Prints a line per failing case, then the
 * counts; exit 1 on a failure. With `--strict` a case that no runner knows fails.
 */
import { parseArgs } from 'node:util'
import { type EngineName, setNativeEngine, tf, useEngine } from '@espalier/core'
import { reasonOf } from '@espalier/data'
import { caseNames, goldenFolder, readCase, topics } from '@espalier/testkit'
import { runnerOf } from './runners.js'

const { values: options } = parseArgs({
  options: {
    topic: { type: 'string' },
    filter: { type: 'string' },
    engine: { type: 'string' },
    strict: { type: 'boolean', default: false },
  },
})
const folder = process.env['ESPALIER_GOLDEN'] ?? goldenFolder
const filter = new RegExp(options.filter ?? '')
setNativeEngine(() => import('@espalier/tensorflow'))
const engine = await useEngine(options.engine as EngineName | undefined)
console.log(`golden cases of ${folder} on ${engine.name} (${engine.version})`)

let [passed, failed, unknown] = [0, 0, 0]
for (const topic of topics(folder).filter((t) => options.topic === undefined || t === options.topic)) {
  for (const name of caseNames(folder, topic).filter((n) => filter.test(n))) {
    const problem = await problemOf(topic, name)
    if (problem === undefined) passed++
    else if (problem === 'unknown' && !options.strict) unknown++
    else {
      failed++
      console.log(`✗ ${topic}/${name}: ${problem === 'unknown' ? 'no runner knows this case' : problem}`)
    }
  }
}
if (unknown > 0) console.log(`${unknown} cases that no runner knows yet were left out`)
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0

/** What is wrong with a case; undefined when all is well. */
async function problemOf(topic: string, name: string): Promise<string | undefined> {
  const run = runnerOf(topic, name)
  if (!run) return 'unknown'
  const before = tf.memory().numTensors
  try {
    const checks = await run(readCase(folder, topic, name))
    if (!checks) return 'unknown'
    const wrong = checks.filter((c) => !c.ok)
    const left = tf.memory().numTensors - before
    if (wrong.length > 0) {
      const worst = wrong.reduce((a, b) => (b.largest > a.largest ? b : a))
      return `${worst.message}; ${wrong.length} comparisons failed, largest difference ${worst.largest.toPrecision(3)}`
    }
    return left === 0 ? undefined : `${left} tensors were left behind`
  } catch (error) {
    return reasonOf(error).split('\n')[0]
  }
}

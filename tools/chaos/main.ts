// `pnpm chaos [--sample 0.1] [--only R1,R3] [--engine wasm] [--seed 1] [--built]`: runs that are cut in every way must
// come to the same end. They run from source, or faster to begin with, as `pnpm build` made them.
import { parseArgs } from 'node:util'
import { failures, kills, repeated, signals, type Trial, Whole, writerKills } from './trials.js'

const { values } = parseArgs({
  options: {
    sample: { type: 'string', default: '1' },
    only: { type: 'string' },
    engine: { type: 'string' },
    seed: { type: 'string', default: '1' },
    built: { type: 'boolean', default: false },
  },
})
const extent = {
  share: Number(values.sample),
  seed: Number(values.seed),
  env: {
    ...(values.engine && { ESPALIER_ENGINE: values.engine }),
    ...(!values.built && { NODE_OPTIONS: '--conditions=espalier-source' }),
  },
}
const whole = new Whole(extent)
const wanted = values.only?.split(',')
const tests: Readonly<Record<string, () => Trial[] | Promise<Trial[]>>> = {
  R1: () => kills(whole),
  R2: () => repeated(whole),
  R3: () => writerKills(whole),
  R4: () => failures(whole),
  R8: () => signals(whole),
}
let [passed, failed] = [0, 0]
for (const [name, make] of Object.entries(tests)) {
  if (wanted && !wanted.includes(name)) continue
  const trials = await make()
  const before = passed
  const left = trials[Symbol.iterator]()
  await Promise.all([take(left), take(left)]) // Most of a trial waits for a disk or a process to start.
  console.log(`${name}: ${passed - before}/${trials.length}`)
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0

/** Runs what is left, one trial after the other. */
async function take(left: Iterable<Trial>): Promise<void> {
  for (const trial of left) {
    const problem = await trial.run()
    if (problem === undefined) passed++
    else {
      failed++
      console.log(`✗ ${trial.name}: ${problem}`)
    }
  }
}

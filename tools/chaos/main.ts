// `pnpm chaos [--sample 0.1] [--only R1,R3] [--engine wasm] [--seed 1]`: runs that are cut in every way must come to the same end.
import { parseArgs } from 'node:util'
import { failures, kills, repeated, signals, type Trial, Whole, writerKills } from './trials.js'

const { values } = parseArgs({
  options: {
    sample: { type: 'string', default: '1' },
    only: { type: 'string' },
    engine: { type: 'string' },
    seed: { type: 'string', default: '1' },
  },
})
const extent = {
  share: Number(values.sample),
  seed: Number(values.seed),
  env: values.engine ? { ESPALIER_ENGINE: values.engine } : {},
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
  for (const trial of trials) {
    const problem = await trial.run()
    if (problem === undefined) passed++
    else {
      failed++
      console.log(`✗ ${trial.name}: ${problem}`)
    }
  }
  console.log(`${name}: ${passed - before}/${trials.length}`)
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0

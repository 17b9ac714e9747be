// `pnpm soak [--sample 0.05] [--only M2,N5]`: long work that must leave nothing behind, and one seed that must give one result.
import { parseArgs } from 'node:util'
import { decodes, determinism, lives, steps, type Trial, throws } from './trials.js'

const { values } = parseArgs({
  options: { sample: { type: 'string', default: '1' }, only: { type: 'string' } },
})
const share = Number(values.sample)
const wanted = values.only?.split(',')
const tests: Readonly<Record<string, () => Trial[]>> = {
  N5: determinism,
  M2: () => steps(share),
  M3: () => throws(share),
  M4: () => lives(share),
  M5: () => decodes(share),
}
let [passed, failed] = [0, 0]
for (const [name, make] of Object.entries(tests)) {
  if (wanted && !wanted.includes(name)) continue
  for (const trial of make()) {
    const began = performance.now()
    const problem = await trial.run().catch((error: Error) => error.stack ?? String(error))
    const seconds = ((performance.now() - began) / 1000).toFixed(1)
    console.log(
      `${problem === undefined ? '✓' : '✗'} ${trial.name} (${seconds} s)${problem ? `: ${problem}` : ''}`,
    )
    if (problem === undefined) passed++
    else failed++
  }
}
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed > 0 ? 1 : 0)

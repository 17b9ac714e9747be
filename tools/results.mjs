// Adds up what the test runs wrote: vitest's JSON of every package, and `{ name, passed, failed }` of the others.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './setup.mjs'

const read = (file) => JSON.parse(readFileSync(file, 'utf8'))

/** Counts of the unit tests of all packages; failures and skipped tests are named. */
export function summarize() {
  let [passed, failed] = [0, 0]
  for (const folder of ['packages', 'apps', '.'].flatMap((d) =>
    d === '.' ? ['bench', 'tools'] : readdirSync(join(root, d)).map((p) => `${d}/${p}`),
  )) {
    const file = join(root, folder, 'reports/unit.json')
    if (!existsSync(file)) continue
    const report = read(file)
    passed += report.numPassedTests
    failed +=
      report.numFailedTests +
      report.testResults.filter((f) => f.status === 'failed' && f.assertionResults.length === 0).length
    for (const test of report.testResults.flatMap((f) => f.assertionResults)) {
      if (test.status === 'failed') console.log(`✗ ${folder}: ${test.fullName}`)
    }
    const skipped = report.numPendingTests + report.numTodoTests
    if (skipped > 0) console.log(`${folder}: ${skipped} tests skipped, for the reasons they print`)
  }
  return { passed, failed }
}

/** Counts of a run that is no unit test. */
export function countsOf(name) {
  const file = join(root, 'reports', `${name}.json`)
  return existsSync(file) ? read(file) : { passed: 0, failed: 1 }
}

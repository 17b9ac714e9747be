// Counts of what ran: vitest's JSON of every package, and `{ name, passed, failed }` of the other parts.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './setup.mjs'

/** @typedef {{ passed: number, failed: number }} Counts */

/** @param {string} file */
const read = (file) => JSON.parse(readFileSync(join(root, file), 'utf8'))

/** The packages that have unit tests. */
export function tested() {
  const folders = ['packages', 'apps'].flatMap((d) =>
    readdirSync(join(root, d)).map((name) => `${d}/${name}`),
  )
  return [...folders, 'bench', 'tools'].filter((folder) => {
    const manifest = `${folder}/package.json`
    return existsSync(join(root, manifest)) && read(manifest).scripts?.unit
  })
}

/** Removes the results of earlier runs: what does not run now must not count as passed. */
export function forgetResults() {
  for (const folder of [...tested(), '.'])
    rmSync(join(root, folder, 'reports'), { recursive: true, force: true })
}

/**
 * Counts of the unit tests of all packages. Failures and skipped tests are named; tests that did not run to their
 * end are a failure.
 * @returns {Counts}
 */
export function unitCounts() {
  return sum(
    tested().map((folder) => {
      const file = `${folder}/reports/unit.json`
      if (!existsSync(join(root, file))) {
        console.log(`✗ ${folder}: its tests did not run`)
        return { passed: 0, failed: 1 }
      }
      const report = read(file)
      for (const suite of report.testResults) {
        for (const test of suite.assertionResults)
          if (test.status === 'failed') console.log(`✗ ${folder}: ${test.fullName}`)
        if (suite.status === 'failed' && suite.assertionResults.length === 0)
          console.log(`✗ ${folder}: ${suite.name} could not be run`)
      }
      const skipped = report.numPendingTests + report.numTodoTests
      if (skipped > 0) console.log(`${folder}: ${skipped} tests skipped, for the reasons they print`)
      const broken = report.testResults.filter(
        (/** @type {any} */ s) => s.status === 'failed' && s.assertionResults.length === 0,
      )
      return { passed: report.numPassedTests, failed: report.numFailedTests + broken.length }
    }),
  )
}

/**
 * Counts of a part that is no unit test; one failure where it did not run to its end.
 * @param {string} name
 * @returns {Counts}
 */
export function countsOf(name) {
  const file = `reports/${name}.json`
  return existsSync(join(root, file)) ? read(file) : { passed: 0, failed: 1 }
}

/**
 * @param {readonly Counts[]} counts
 * @returns {Counts}
 */
export function sum(counts) {
  return counts.reduce((a, b) => ({ passed: a.passed + b.passed, failed: a.failed + b.failed }), {
    passed: 0,
    failed: 0,
  })
}

/**
 * The last line of every command that counts, and its exit status.
 * @param {Counts} counts
 */
export function finish({ passed, failed }) {
  console.log(`${passed} passed, ${failed} failed`)
  process.exit(failed > 0 ? 1 : 0)
}

// Lint and format, as one check.
import { run } from './setup.mjs'

/** @returns {import('./results.mjs').Counts} */
export function lint() {
  const ok = run('biome', ['ci', '.', '--error-on-warnings', '--colors=off'], { quiet: true }) === 0
  console.log(
    `lint and format ${ok ? 'passed' : 'failed: the reasons are above; pnpm format mends most of them'}`,
  )
  return { passed: Number(ok), failed: Number(!ok) }
}

// Lint, format and dead code, as one check.
import { run } from './setup.mjs'

/** @returns {import('./results.mjs').Counts} */
export function lint() {
  const formatted = run('biome', ['ci', '.', '--error-on-warnings', '--colors=off'], { quiet: true }) === 0
  console.log(
    `lint and format ${formatted ? 'passed' : 'failed: the reasons are above; pnpm format mends most of them'}`,
  )
  const alive = run('knip', ['--no-progress', '--no-config-hints'], { quiet: true }) === 0
  console.log(`dead code ${alive ? 'none' : 'above: delete it, or tell knip.json where it begins'}`)
  const passed = Number(formatted) + Number(alive)
  return { passed, failed: 2 - passed }
}

// `pnpm check`: types, lint, format, architecture, unit tests, exports.
import { lint } from './lint.mjs'
import { finish, forgetResults, sum, unitCounts } from './results.mjs'
import { hasEngine } from './setup.mjs'
import { runTasks } from './tasks.mjs'

forgetResults()
const linted = lint()
const status = await runTasks(['types', 'build', 'exports', 'unit'], { native: hasEngine() })
const counts = sum([linted, unitCounts()])
finish(status !== 0 && counts.failed === 0 ? sum([counts, { passed: 0, failed: 1 }]) : counts)

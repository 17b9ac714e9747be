// `npm test`: sets everything up, then runs all that CI checks. The last line is `N passed, N failed`.
import { lint } from './lint.mjs'
import { countsOf, finish, forgetResults, sum, unitCounts } from './results.mjs'
import { installEngine, installPackages } from './setup.mjs'
import { runTasks } from './tasks.mjs'

installPackages()
const native = installEngine()
if (!native) console.log('without the native engine its tests and golden cases are left out')

forgetResults()
const linted = lint()
const counted = [
  'golden:wasm',
  'packtest',
  'chaos:sample',
  'soak:sample',
  ...(native ? ['golden:native', 'job:native'] : []),
]
const status = await runTasks(['types', 'unit', 'build', 'exports', ...counted], { native })
const counts = sum([linted, unitCounts(), ...counted.map((task) => countsOf(task.replace(':', '-')))])
// Types, builds and exports count nothing: where nothing else failed, the failure is theirs.
finish(status !== 0 && counts.failed === 0 ? sum([counts, { passed: 0, failed: 1 }]) : counts)

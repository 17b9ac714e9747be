import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { root } from '../architecture/repository.js'
import { type EntryPoint, entryPoints } from './entry-points.js'
import { featureProblems } from './feature-problems.js'
import { featuresIn } from './features.js'

const text = readFileSync(join(root, 'FEATURES.md'), 'utf8')

it('FEATURES.md says what is there, and names every export', async () => {
  const entries = await entryPoints()
  expect(entries.size).toBeGreaterThan(6)
  expect(featuresIn(text).length).toBeGreaterThan(200)
  expect(featureProblems(text, entries)).toEqual([])
})

class Learner {
  fit() {}
}

const entries = new Map<string, EntryPoint>([
  ['pkg', { values: { Learner, adam: () => {}, tf: { add: 1 } }, names: new Set(['Callback']) }],
])

const table = (...rows: readonly string[]) =>
  ['| fastai | ours | package | status |', '| --- | --- | --- | --- |', ...rows].join('\n')

const beyond = '\n\n| ours | package | what it is |\n| --- | --- | --- |\n| `tf` | `pkg` | tensors |'

it('a text that is true has no problems', () => {
  const rows = [
    '| `Learner`, `Learner.fit` | `Learner`, `Learner.fit` | `pkg` | yes |',
    '| `Adam` | `adam` | `pkg` | part: no eps |',
    '| `Callback` | `Callback` | `pkg` | yes |',
    '| `Learner.tta` | | | planned |',
    '| `Hook` | | | no: there are none |',
  ]
  expect(featureProblems(table(...rows) + beyond, entries)).toEqual([])
})

it('a text that is not is told so, line by line', () => {
  const rows = [
    '| `Learner` | `Learner`, `Learner.save` | `pkg` | yes |',
    '| `Adam` | `adam` | `other` | yes |',
    '| `SGD` | `sgd` | `pkg` | planned |',
    '| `Learner` | | | soon |',
    '| `Hook` | | | no |',
    '| `Learner.fit` | | | planned |',
    '| `RMSProp` | | `pkg` | part: no eps |',
  ]
  expect(featureProblems(table(...rows), entries)).toEqual([
    '3: pkg does not export Learner.save',
    "4: there is no package 'other'",
    '5: sgd is named, and said to be missing',
    "6: the status 'soon' is none of yes, part: …, planned, no: …",
    '6: Learner is said to be missing, pkg exports it',
    "7: the status 'no' is none of yes, part: …, planned, no: …",
    '8: Learner.fit is said to be missing, pkg exports it',
    '9: said to be there, and not named',
    '6: Learner is already in line 3',
    'pkg exports tf, which has no line',
  ])
})

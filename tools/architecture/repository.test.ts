import { expect, it } from 'vitest'
import { manifests } from './manifests.js'
import { sources, textFiles, textOf } from './repository.js'
import { followsArrows } from './rules/arrows.js'
import { avoidsBannedCode } from './rules/banned-code.js'
import { bannedText } from './rules/banned-text.js'
import { confinesNode, confinesTfjs, keepsNodeOutside } from './rules/confined-imports.js'
import { hasNoCycles } from './rules/cycles.js'
import { declaresImports, pinsDependencies } from './rules/dependencies.js'
import { documentsExports } from './rules/doc-comments.js'
import { staysSmall } from './rules/file-size.js'
import { onlyReexports } from './rules/index-files.js'
import { installedWith, licencesArePermissive } from './rules/licences.js'
import type { Rule } from './source.js'

const all = sources()
const packages = manifests()

it('reads the whole repository', () => {
  expect(all.length).toBeGreaterThan(300)
  expect(packages.length).toBeGreaterThan(5)
  expect(installedWith(packages).length).toBeGreaterThan(50)
})

it.each<readonly [string, Rule]>([
  ['packages import along the arrows', followsArrows],
  ['nothing imports itself around a corner', hasNoCycles],
  ['no file has more than 400 lines', staysSmall],
  ['an index only re-exports, by name', onlyReexports],
  ['tfjs is imported in one place', confinesTfjs],
  ['what needs Node lies in folders node/', confinesNode],
  ['neutral files import nothing from them', keepsNodeOutside],
  ['no unseeded randomness, no code from strings, no as any', avoidsBannedCode],
  ['every exported symbol has a doc comment', documentsExports],
])('%s', (_, rule) => {
  expect(rule(all)).toEqual([])
})

it('no suppressions, leftovers, paths of a machine, hosts of registries', () => {
  expect(textFiles().flatMap((path) => bannedText(path, textOf(path)))).toEqual([])
})

it('dependencies are pinned, declared, and permissively licensed', () => {
  expect(pinsDependencies(packages)).toEqual([])
  expect(declaresImports(all, packages)).toEqual([])
  expect(licencesArePermissive(packages)).toEqual([])
})

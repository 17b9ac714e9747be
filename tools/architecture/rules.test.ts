import { describe, expect, it } from 'vitest'
import type { Manifest } from './manifests.js'
import { followsArrows } from './rules/arrows.js'
import { avoidsBannedCode } from './rules/banned-code.js'
import { bannedText } from './rules/banned-text.js'
import { confinesNode, confinesTfjs, keepsNodeOutside } from './rules/confined-imports.js'
import { hasNoCycles } from './rules/cycles.js'
import { declaresImports, pinsDependencies } from './rules/dependencies.js'
import { documentsExports } from './rules/doc-comments.js'
import { staysSmall } from './rules/file-size.js'
import { onlyReexports } from './rules/index-files.js'
import { isAllowed } from './rules/licences.js'
import { parse } from './source.js'

/** Files by path: every rule is shown one that it objects to beside those that it lets pass. */
const files = (texts: Readonly<Record<string, string>>) =>
  Object.entries(texts).map(([path, text]) => parse(path, text))

describe('the rules object', () => {
  it('to arrows that are not in the list, and to reaching into another package', () => {
    const found = followsArrows(
      files({
        'packages/data/src/a.ts': "import { x } from '@espalier/core'",
        'packages/core/src/b.ts': "import type { T } from '@espalier/vision'\nimport '@espalier/data/node'",
        'packages/core/src/c.ts': "await import('@espalier/tensorflow')",
        'packages/vision/src/d.ts': "export { y } from '../../core/src/nn/module.js'",
        'packages/vision/src/e.test.ts': "import { held } from '@espalier/testkit'",
        'packages/vision/src/f.ts': "import { held } from '@espalier/testkit'",
        'apps/demo/src/g.ts': "import 'espalier'",
      }),
    )
    expect(found.map((f) => f.split(' ')[0])).toEqual([
      'packages/data/src/a.ts:1:',
      'packages/core/src/b.ts:1:',
      'packages/core/src/c.ts:1:',
      'packages/vision/src/d.ts:1:',
      'packages/vision/src/f.ts:1:',
    ])
  })

  it('to cycles of values, inside a package and between packages, not to those of types', () => {
    const cycle = files({
      'packages/core/src/a.ts': "import { b } from './b.js'",
      'packages/core/src/b.ts': "export * from './c.js'",
      'packages/core/src/c.ts': "import { type A, a } from './a.js'",
      'packages/core/src/d.ts': "import type { e } from './e.js'",
      'packages/core/src/e.ts': "import { d } from './d.js'",
    })
    expect(hasNoCycles(cycle)).toEqual([
      'packages/core/src/a.ts:1: imports itself around a corner: packages/core/src/a.ts ↔ packages/core/src/b.ts ↔ packages/core/src/c.ts',
    ])
    const between = files({
      'packages/data/src/index.ts': "import '@espalier/core'",
      'packages/core/src/index.ts': "import '@espalier/data'",
    })
    expect(hasNoCycles(between)).toHaveLength(1)
  })

  it('to files of more than 400 lines, except tests', () => {
    const long = 'let x\n'.repeat(401)
    expect(
      staysSmall(files({ 'packages/core/src/a.ts': long, 'packages/core/src/a.test.ts': long })),
    ).toHaveLength(1)
    expect(staysSmall(files({ 'packages/core/src/a.ts': 'let x\n'.repeat(400) }))).toEqual([])
  })

  it('to an index that does more than re-export by name', () => {
    const good =
      "export { a } from './a.js'\nexport * as tf from './tf.js'\nexport type { T } from './t.js'\n"
    const found = onlyReexports(
      files({
        'packages/core/src/index.ts': `${good}export * from './b.js'`,
        'packages/core/src/io/index.ts': `${good}import './install.js'`,
        'packages/core/src/nn/index.ts': `${good}export const x = 1`,
        'packages/core/src/node/index.ts': `import './install.js'\nexport * from '../index.js'\n${good}`,
        'packages/vision/src/node/index.ts': `import './one.js'\nimport './two.js'\n${good}setPlatform()`,
        'packages/data/src/node/index.ts': "import { x } from './x.js'\nexport { x }\nexport * from './y.js'",
        'packages/espalier/src/index.ts': "import './install.js'\nexport * from '@espalier/core'",
      }),
    )
    expect(found.map((f) => f.split(': ')[0])).toEqual([
      'packages/core/src/index.ts:4',
      'packages/core/src/io/index.ts:4',
      'packages/core/src/nn/index.ts:4',
      'packages/vision/src/node/index.ts:1',
      'packages/vision/src/node/index.ts:2',
      'packages/vision/src/node/index.ts:6',
      'packages/data/src/node/index.ts:1',
      'packages/data/src/node/index.ts:2',
      'packages/data/src/node/index.ts:3',
    ])
  })

  it('to tfjs outside its file', () => {
    const text = "import * as tf from '@tensorflow/tfjs'"
    const found = confinesTfjs(
      files({
        'packages/core/src/engine/tf.ts': text,
        'packages/tensorflow/src/a.ts': text,
        'packages/core/src/nn/a.ts': "import type { Tensor } from '@tensorflow/tfjs-core'",
        'apps/demo/src/a.ts': text,
      }),
    )
    expect(found).toHaveLength(2)
  })

  it('to what needs Node outside folders node/', () => {
    const text = "import 'node:fs'\nimport sharp from 'sharp'\nimport type { Stats } from 'fs'"
    expect(confinesNode(files({ 'packages/data/src/a.ts': text }))).toHaveLength(3)
    expect(confinesNode(files({ 'packages/core/src/io/a.ts': "await import('node:path')" }))).toHaveLength(1)
    const elsewhere = {
      'packages/core/src/node/a.ts': text,
      'packages/core/src/a.test.ts': text,
      'packages/tensorflow/src/a.ts': text,
    }
    expect(confinesNode(files(elsewhere))).toEqual([])
    expect(keepsNodeOutside(files({ 'packages/core/src/a.ts': "import './node/platform.js'" }))).toHaveLength(
      1,
    )
  })

  it('to unseeded randomness, code from strings and as any, in code and not in comments', () => {
    const bad = [
      'Math.random()',
      "eval('1')",
      "new Function('return 1')",
      "Function('return 1')",
      'const x = y as any',
    ]
    for (const text of bad) expect(avoidsBannedCode(files({ 'tools/a.ts': text })), text).toHaveLength(1)
    const good =
      "// Math.random is banned\nrandom.random(); evaluate('1'); const x = y as unknown\nconst f: Function = g"
    expect(avoidsBannedCode(files({ 'tools/a.ts': good }))).toEqual([])
  })

  it('to suppressions, leftovers, and paths and hosts of a machine', () => {
    const bad = [
      `// @ts-${'ignore'}`,
      `// @ts-${'nocheck'}`,
      `// ${'TO'}DO: later`,
      `see /${'work'}/main/x`,
      `cd /${'tmp'}/dl`,
      `/${'root'}/.cache`,
      `https://registry.${'npmjs'}.org/x`,
    ]
    for (const text of bad) expect(bannedText('a.md', text), text).toHaveLength(1)
    const good = [
      'join(tmpdir(), name)',
      './tmp/x',
      'out/root/x',
      'https://example.com/work/x',
      '// @ts-expect-error',
    ]
    for (const text of good) expect(bannedText('a.md', text), text).toEqual([])
  })

  it('to exported symbols without a doc comment', () => {
    const found = documentsExports(
      files({
        'packages/core/src/a.ts':
          '/** Said. */\nexport const a = 1\nexport const b = 2\nexport function f() {}\nexport class C {}\nexport type T = 1\nconst inner = 1\nexport { inner }',
        'packages/core/src/o.ts':
          '/** Said. */\nexport function g(x: 1): 1\nexport function g(x: 2): 2\nexport function g(x: any) { return x }',
        'packages/core/src/a.test.ts': 'export const a = 1',
        'tools/a.ts': 'export const a = 1',
      }),
    )
    expect(found.map((f) => f.split(': ')[1])).toEqual(
      ['b', 'f', 'C', 'T'].map((name) => `${name} has no doc comment`),
    )
  })

  it('to dependencies that are not pinned, not declared or not permissive', () => {
    const manifest = (m: Partial<Manifest>): Manifest => ({
      path: 'packages/core/package.json',
      name: 'core',
      ...m,
    })
    const loose = manifest({
      dependencies: { a: '^1.0.0', b: '1.2.3', c: 'workspace:*' },
      devDependencies: { d: 'latest' },
      peerDependencies: { e: '>=1' },
    })
    expect(pinsDependencies([loose])).toHaveLength(2)
    const used = files({
      'packages/core/src/a.ts': "import 'a'\nimport 'd'\nimport 'missing'\nimport 'node:fs'\nimport './b.js'",
      'packages/core/src/a.test.ts': "import 'd'\nimport 'vitest'",
    })
    const root = manifest({ path: 'package.json', devDependencies: { vitest: '4.0.0' } })
    expect(declaresImports(used, [root, loose]).map((f) => f.split(' ')[1])).toEqual(['d', 'missing'])
    const allowed = ['MIT', '(MIT OR GPL-3.0)', 'Apache-2.0 AND MIT', 'BSD-3-Clause']
    for (const license of allowed) expect(isAllowed({ name: 'x', license }), license).toBe(true)
    const refused = ['GPL-3.0', 'MIT AND GPL-3.0', 'SEE LICENSE IN FILE', '', 'LGPL-3.0-or-later']
    for (const license of refused) expect(isAllowed({ name: 'x', license }), license).toBe(false)
    expect(isAllowed({ name: '@img/sharp-libvips-linux-x64', license: 'LGPL-3.0-or-later' })).toBe(true)
  })
})

import { importsOf, packageOf, relativeTarget } from '../imports.js'
import { at, isTest, type Rule } from '../source.js'

const published = [
  '@espalier/data',
  '@espalier/core',
  '@espalier/tensorflow',
  '@espalier/vision',
  '@espalier/text',
  '@espalier/tabular',
  'espalier',
]

/** The folder of each package, its name, and which of the others it may import: CONTRIBUTING's arrows. */
const arrows: readonly (readonly [folder: string, name: string, mayImport: readonly string[]])[] = [
  ['packages/data', '@espalier/data', []],
  ['packages/core', '@espalier/core', ['@espalier/data']],
  ['packages/tensorflow', '@espalier/tensorflow', ['@espalier/core', '@espalier/data']],
  ['packages/vision', '@espalier/vision', ['@espalier/core', '@espalier/data']],
  ['packages/text', '@espalier/text', ['@espalier/core', '@espalier/data']],
  ['packages/tabular', '@espalier/tabular', ['@espalier/core', '@espalier/data']],
  ['packages/espalier', 'espalier', published],
  ['packages/testkit', '@espalier/testkit', ['@espalier/core', '@espalier/data']],
  ['apps', '', published],
  ['bench', '', published],
  ['tools', '', [...published, '@espalier/testkit']],
]

/** Packages import along the arrows, by name, and never reach into each other's folders. */
export const followsArrows: Rule = (sources) =>
  sources.flatMap((source) => {
    const [folder, name, mayImport = []] = arrows.find(([f]) => source.path.startsWith(`${f}/`)) ?? []
    if (folder === undefined) return []
    const allowed = new Set([name, ...mayImport, ...(isTest(source) ? ['@espalier/testkit'] : [])])
    return importsOf(source).flatMap(({ specifier, node }) => {
      const target = relativeTarget(source, specifier)
      if (target !== undefined) {
        const leaves = folder.startsWith('packages/') && !target.startsWith(`${folder}/`)
        const configuration = !source.path.startsWith(`${folder}/src/`) && /^[a-z]+\.base\.ts$/.test(target)
        return leaves && !configuration ? [at(source, node, `reaches out of its package to ${target}`)] : []
      }
      const imported = packageOf(specifier)
      const ours = imported === 'espalier' || imported.startsWith('@espalier/')
      return ours && !allowed.has(imported) ? [at(source, node, `no arrow leads to ${imported}`)] : []
    })
  })

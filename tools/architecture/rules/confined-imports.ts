import { builtinModules } from 'node:module'
import { importsOf, packageOf } from '../imports.js'
import { at, isPublished, isTest, type Rule, type Source } from '../source.js'

const builtins = new Set(builtinModules)

/** tfjs is imported by one file of core, and by the package that puts a backend under it. */
export const confinesTfjs: Rule = (sources) =>
  confined(
    sources.filter(
      (s) => s.path !== 'packages/core/src/engine/tf.ts' && !s.path.startsWith('packages/tensorflow/'),
    ),
    (specifier) => specifier.startsWith('@tensorflow/'),
    'tfjs is imported by core/src/engine/tf.ts alone; others take tf from there',
  )

/** data, core, vision, text and tabular run anywhere: what needs Node lies in their folders `node/`. */
export const confinesNode: Rule = (sources) =>
  confined(
    sources.filter(
      (s) =>
        isPublished(s) &&
        /^packages\/(data|core|vision|text|tabular)\//.test(s.path) &&
        !s.path.includes('/node/'),
    ),
    (specifier) =>
      specifier.startsWith('node:') ||
      builtins.has(packageOf(specifier)) ||
      ['sharp', 'koffi'].includes(specifier),
    'what needs Node lies in a folder node/',
  )

/** Neutral files do not import what lies in a folder `node/` either. */
export const keepsNodeOutside: Rule = (sources) =>
  confined(
    sources.filter((s) => isPublished(s) && !s.path.includes('/node/') && !isTest(s)),
    (specifier) => specifier.startsWith('.') && specifier.includes('/node/'),
    'a neutral file does not import from a folder node/',
  )

function confined(
  sources: readonly Source[],
  matches: (specifier: string) => boolean,
  text: string,
): string[] {
  return sources.flatMap((source) =>
    importsOf(source)
      .filter(({ specifier }) => matches(specifier))
      .map(({ node, specifier }) => at(source, node, `imports ${specifier}: ${text}`)),
  )
}

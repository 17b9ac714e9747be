import { defineConfig, type ViteUserConfig } from 'vitest/config'

const testkit = new URL('packages/testkit/src', import.meta.url).pathname
const conditions = ['espalier-source', 'node', 'import', 'module', 'default']

/** What every package's tests share: sibling packages from source, one process per file (or, not `isolate`d, a few for all), results as JSON. */
export function testConfig(
  name: string,
  { checkLeaks = true, ...test }: ViteUserConfig['test'] & { readonly checkLeaks?: boolean } = {},
): ViteUserConfig {
  return defineConfig({
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    oxc: { target: 'es2022' },
    test: {
      name,
      include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
      pool: 'forks',
      testTimeout: 60_000,
      setupFiles: checkLeaks ? [`${testkit}/setup.ts`] : [],
      reporters: ['default', 'json'],
      outputFile: { json: 'reports/unit.json' },
      ...test,
    },
  })
}

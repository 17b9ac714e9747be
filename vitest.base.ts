import { defineConfig, type ViteUserConfig } from 'vitest/config'

const conditions = ['espalier-source', 'node', 'import', 'module', 'default']

/** What every package's tests share: sibling packages from source, one process per file, results as JSON. */
export function testConfig(name: string, test: ViteUserConfig['test'] = {}): ViteUserConfig {
  return defineConfig({
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    esbuild: { target: 'es2022' },
    test: {
      name,
      include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
      pool: 'forks',
      testTimeout: 60_000,
      reporters: ['default', 'json'],
      outputFile: { json: 'reports/unit.json' },
      ...test,
    },
  })
}

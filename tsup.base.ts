import type { Options } from 'tsup'

/** One shape of build for every package: ESM for Node ≥ 20.19 and bundlers, with types and source maps. */
export function build(entry: Record<string, string>, options: Options = {}): Options {
  return {
    entry,
    format: ['esm'],
    target: 'es2022',
    platform: 'neutral',
    dts: true,
    sourcemap: true,
    clean: true,
    splitting: true,
    treeshake: true,
    ...options,
  }
}

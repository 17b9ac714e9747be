import type { Options } from 'tsup'

/** One shape of build for every package: ESM for Node ≥ 20.19 and bundlers, with source maps; tsc adds the types. */
export function build(entry: Record<string, string>, options: Options = {}): Options {
  return {
    entry,
    format: ['esm'],
    target: 'es2022',
    platform: 'neutral',
    sourcemap: true,
    clean: true,
    splitting: true,
    silent: true,
    ...options,
  }
}

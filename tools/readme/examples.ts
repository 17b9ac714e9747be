import { readFileSync } from 'node:fs'

/** A block of TypeScript in a README. */
export interface Example {
  /** The first line of the code in the README, from 1. */
  readonly line: number
  readonly code: string
}

/** The blocks marked `ts`, in their order. */
export function examplesIn(markdown: string): readonly Example[] {
  return [...markdown.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(({ 1: code = '', index }) => ({
    line: markdown.slice(0, index).split('\n').length + 1,
    code,
  }))
}

/** The blocks of a README. */
export const examplesOf = (path: string): readonly Example[] => examplesIn(readFileSync(path, 'utf8'))

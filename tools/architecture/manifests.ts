import { textFiles, textOf } from './repository.js'

/** What is looked at of a package.json. */
export interface Manifest {
  readonly path: string
  readonly name: string
  readonly private?: boolean
  readonly license?: string
  readonly files?: readonly string[]
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

/** Those of the workspace. */
export function manifests(): readonly Manifest[] {
  return textFiles()
    .filter((path) => /(^|\/)package\.json$/.test(path))
    .map((path) => ({ ...(JSON.parse(textOf(path)) as Manifest), path }))
}

/** What is built into files of `@espalier/tensorflow`: the kernels that tfjs has for Node, and what they need. */
export const builtIn: readonly string[] = ['@tensorflow/tfjs-node-gpu', 'google-protobuf']

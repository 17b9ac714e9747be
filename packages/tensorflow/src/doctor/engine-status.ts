import { statSync } from 'node:fs'
import { reasonOf } from '@espalier/data'
import { type Environment, engineFolder } from '../locate/cache.js'
import { locateOneDnn } from '../locate/locate-one-dnn.js'
import { locateTensorflow, type TensorflowLibraries } from '../locate/locate-tensorflow.js'
import { type Probe, probeOneDnn, probeTensorflow } from './probe.js'

/** A part of the engine: where it is, and whether it can be loaded. */
export interface EnginePart {
  readonly name: 'TensorFlow' | 'oneDNN'
  readonly path: string
  /** Where it was found, for people. */
  readonly source: string
  /** Bytes on disk. */
  readonly bytes: number
  readonly version?: string
  /** Why it cannot be loaded. */
  readonly problem?: string
}

/** What the native engine would use. */
export interface EngineStatus {
  readonly parts: readonly EnginePart[]
  /** Where `installEngine` puts engines. */
  readonly folder: string
  /** What was not found, and the way to get it; empty when all is there. */
  readonly missing: readonly string[]
}

/** Says what the native engine would use here and why, without starting it. */
export async function engineStatus(env: Environment = process.env): Promise<EngineStatus> {
  const folder = engineFolder(env)
  const install = "'espalier engine install' gets it"
  let tensorflow: TensorflowLibraries | undefined
  try {
    tensorflow = locateTensorflow(env)
  } catch (error) {
    return { parts: [], folder, missing: [reasonOf(error)] }
  }
  if (!tensorflow) return { parts: [], folder, missing: [`libtensorflow: ${install}`] }
  const { framework, tensorflow: path, source } = tensorflow
  const parts = [
    part(
      'TensorFlow',
      path,
      source,
      sizeOf(path) + sizeOf(framework),
      await probeTensorflow(framework, path),
    ),
  ]
  const missing: string[] = []
  try {
    const oneDnn = locateOneDnn(tensorflow, env)
    if (oneDnn) {
      const { path, source } = oneDnn
      parts.push(part('oneDNN', path, source, sizeOf(path), await probeOneDnn(path)))
    } else missing.push(`oneDNN, for fast convolutions: ${install}`)
  } catch (error) {
    missing.push(reasonOf(error))
  }
  return { parts, folder, missing }
}

function part(
  name: EnginePart['name'],
  path: string,
  source: string,
  bytes: number,
  probe: Probe,
): EnginePart {
  const found = { name, path, source, bytes }
  return probe.ok ? { ...found, version: probe.version } : { ...found, problem: probe.problem }
}

const sizeOf = (path: string) => statSync(path).size

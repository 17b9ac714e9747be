import { homedir } from 'node:os'
import { join } from 'node:path'

/** The release of TensorFlow that is installed and that the engine was tried with. */
export const tensorflowVersion = '2.21.0'

/** Environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Where engines are installed. */
export function engineFolder(env: Environment = process.env): string {
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'espalier', 'engine')
}

/** The folder of the installed engine for this machine. */
export function installedEngine(gpu = false, env: Environment = process.env): string {
  const { platform, arch } = process
  return join(engineFolder(env), `tensorflow-${tensorflowVersion}-${platform}-${arch}${gpu ? '-gpu' : ''}`)
}

/** Where the libraries lie inside it, as they lie beside the CUDA libraries in a Python installation. */
export const librariesIn = (installed: string): string => join(installed, 'tensorflow')

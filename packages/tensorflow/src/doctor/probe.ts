import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'

/** What loading a library told, in a process of its own. */
export type Probe =
  | { readonly ok: true; readonly version: string }
  | { readonly ok: false; readonly problem: string }

/** Loads libraries and calls a version function; a crash ends only the child. */
const script = `
const [koffi, first, second, symbol] = process.argv.slice(1)
const { load, decode } = require(koffi)
const open = load(null).func('void *dlopen(const char *, int)')
const now = 2, lasting = process.platform === 'darwin' ? 0x88 : 0x1100
if (first) open(first, now | lasting), load(first, { global: true })
open(second, now | lasting)
const library = load(second)
const version = symbol === '' ? 'loads' : symbol === 'TF_Version'
  ? library.func('const char *TF_Version()')()
  : decode(library.func('void *dnnl_version()')(), 'int', 3).join('.')
process.stdout.write(version)
`

/** Loads libtensorflow in a child process. */
export function probeTensorflow(framework: string, tensorflow: string): Promise<Probe> {
  return probe(framework, tensorflow, 'TF_Version')
}

/** Loads oneDNN in a child process. */
export function probeOneDnn(library: string): Promise<Probe> {
  return probe('', library, 'dnnl_version')
}

/** Loads a library that the system should have. */
export function probeSystem(name: string): Promise<Probe> {
  return probe('', name, '')
}

function probe(...args: readonly string[]): Promise<Probe> {
  const koffi = createRequire(import.meta.url).resolve('koffi')
  const options = { encoding: 'utf8', timeout: 60_000 } as const
  return new Promise((resolve) => {
    execFile(process.execPath, ['-e', script, koffi, ...args], options, (error, stdout, stderr) => {
      if (!error && stdout) resolve({ ok: true, version: stdout })
      else if (error?.signal) resolve({ ok: false, problem: `loading it ended in ${error.signal}` })
      else resolve({ ok: false, problem: problemIn(stderr) })
    })
  })
}

function problemIn(stderr: string): string {
  const line = stderr.split('\n').find((l) => /^\w*Error: /.test(l))
  return line?.replace(/^\w*Error: /, '') ?? 'it cannot be loaded'
}

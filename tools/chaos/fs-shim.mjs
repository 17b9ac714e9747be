// Preloaded into a run: counts the calls that reach the file system for the folder of the run, and ends the process, or
// lets the call fail, at the n-th. ESPALIER_CHAOS is `kill:N`, `after:N`, `fail:N:CODE`, `short:N` or `count`.
import fsp from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'

const [mode, at = '0', code = 'EIO'] = (process.env.ESPALIER_CHAOS ?? 'count').split(':')
const folder = process.env.ESPALIER_CHAOS_FOLDER ?? ''
let calls = 0
process.on('exit', () => mode === 'count' && process.stdout.write(`calls ${calls}\n`))

function die() {
  process.kill(process.pid, 'SIGKILL')
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000)
}

/** Wraps a function of the file system. */
function watched(call, run) {
  return async function (...args) {
    const n = ++calls
    if (mode === 'kill' && n === Number(at)) die()
    if (mode === 'fail' && n === Number(at)) {
      throw Object.assign(new Error(`${code}: injected, ${call}`), { code, syscall: call })
    }
    if (mode === 'short' && n >= Number(at) && call === 'write' && args[2] > 1)
      args[2] = Math.ceil(args[2] / 2)
    try {
      return await run.apply(this, args)
    } finally {
      if (mode === 'after' && n === Number(at)) die()
    }
  }
}

const handles = new WeakSet()
for (const call of ['mkdir', 'rename', 'rm', 'readdir', 'stat', 'readFile']) {
  const real = fsp[call]
  const wrapped = watched(call, real)
  fsp[call] = (...args) => (String(args[0]).includes(folder) ? wrapped(...args) : real(...args))
}
const open = fsp.open
const opened = watched('open', open)
fsp.open = async (...args) => {
  if (!String(args[0]).includes(folder)) return open(...args)
  const handle = await opened(...args)
  if (!handles.has(handle)) {
    handles.add(handle)
    for (const call of ['write', 'sync', 'close']) handle[call] = watched(call, handle[call])
  }
  return handle
}
syncBuiltinESMExports()

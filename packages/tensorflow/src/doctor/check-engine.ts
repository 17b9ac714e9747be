import type { Check } from './doctor.js'
import type { EngineStatus } from './engine-status.js'

const install = "run 'espalier engine install'"

/** The libraries of the native engine. */
export function checkEngine({ parts, missing }: EngineStatus): readonly Check[] {
  return [
    check('TensorFlow', `${install}; until then the wasm engine is used`),
    check('oneDNN', `${install}; until then convolutions are computed by TensorFlow, slower`),
  ]

  function check(name: 'TensorFlow' | 'oneDNN', fix: string): Check {
    const part = parts.find((p) => p.name === name)
    if (!part) {
      const said = missing.find((m) => m.toLowerCase().includes(name.toLowerCase()))
      return { name, ok: false, detail: said?.split('\n')[0] ?? 'not found', fix }
    }
    const { path, source, bytes, version, problem } = part
    const where = `${source}: ${path}`
    if (problem === undefined) {
      return { name, ok: true, detail: `${version}, ${Math.round(bytes / 2 ** 20)} MiB, ${where}` }
    }
    return { name, ok: false, detail: `${where}: ${problem}`, fix }
  }
}

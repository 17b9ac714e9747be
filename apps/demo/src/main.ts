/** `pnpm demo [NAME] [--data DIR] [--engine E] [--out DIR]`: runs a demo, or lists them; exit 0 only if its bound holds. */
import { parseArgs } from 'node:util'
import { type EngineName, setNativeEngine, useEngine } from '@espalier/core'
import { camvid } from './camvid.js'
import type { Demo } from './demo.js'
import { pets } from './pets.js'

const demos: Readonly<Record<string, Demo>> = { pets, camvid }

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { data: { type: 'string' }, engine: { type: 'string' }, out: { type: 'string' } },
})
const [name] = positionals
const demo = name === undefined ? undefined : demos[name]
if (!demo) {
  for (const [key, { about }] of Object.entries(demos)) console.log(`${key.padEnd(12)} ${about}`)
  process.exit(name === undefined ? 0 : 2)
}
setNativeEngine(() => import('@espalier/tensorflow'))
const engine = await useEngine(values.engine as EngineName | undefined)
console.log(`engine: ${engine.name} (${engine.version}) — ${engine.why}`)
const { text, ok } = await demo.run({
  out: values.out ?? `out/${name}`,
  ...(values.data && { data: values.data }),
})
console.log(`${ok ? '✓' : '✗'} ${name}: ${text}`)
process.exitCode = ok ? 0 : 1

/** `pnpm demo [NAME] [--data DIR] [--engine E] [--out DIR] [--small]`: runs a demo, or lists them; exit 0 only if its bound holds. */
import { parseArgs } from 'node:util'
import { type EngineName, setNativeEngine, useEngine } from '@espalier/core'
import { adult } from './adult.js'
import { blocks } from './blocks.js'
import { camvid } from './camvid.js'
import { camvidHead } from './camvid-head.js'
import { cats } from './cats.js'
import { colorize } from './colorize.js'
import type { Demo } from './demo.js'
import { heads } from './heads.js'
import { housing } from './housing.js'
import { lm } from './lm.js'
import { movies } from './movies.js'
import { pets } from './pets.js'
import { sentiment } from './sentiment.js'
import { siamese } from './siamese.js'
import { style } from './style.js'
import { superres } from './superres.js'

const demos: Readonly<Record<string, Demo>> = {
  pets,
  cats,
  heads,
  blocks,
  camvid,
  'camvid-head': camvidHead,
  siamese,
  superres,
  colorize,
  style,
  lm,
  sentiment,
  adult,
  housing,
  movies,
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: 'string' },
    engine: { type: 'string' },
    out: { type: 'string' },
    small: { type: 'boolean', default: false },
  },
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
  small: values.small,
  ...(values.data && { data: values.data }),
})
console.log(`${ok ? '✓' : '✗'} ${name}: ${text}`)
process.exitCode = ok ? 0 : 1

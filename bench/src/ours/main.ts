/** One work of ours in this process: `main.ts WORK OPTIONS`; prints what it measured as a line of JSON. */
import { type EngineInfo, setNativeEngine, useEngine } from '@espalier/core'
import type { Found, WorkName, Works } from './work.js'

type Run = (options: never) => Promise<Found | undefined>

const works: { readonly [N in WorkName]: () => Promise<(options: Works[N]) => Promise<Found | undefined>> } =
  {
    'resnet-step': async () => (await import('./resnet-step.js')).resnetStep,
    'empty-step': async () => (await import('./empty-step.js')).emptyStep,
    'small-ops': async () => (await import('./small-ops.js')).smallOps,
    'pets-e2e': async () => (await import('./pets-e2e.js')).petsE2e,
    'unet-camvid': async () => (await import('./unet-camvid.js')).unetCamvid,
    'lm-step': async () => (await import('./lm-step.js')).lmStep,
    'clas-epoch': async () => (await import('./clas-epoch.js')).clasEpoch,
    imdb: async () => (await import('./imdb.js')).imdb,
    tabular: async () => (await import('./tabular.js')).tabular,
    collab: async () => (await import('./collab.js')).collab,
    loader: async () => (await import('./loader.js')).loader,
    tokenize: async () => (await import('./tokenize.js')).tokenize,
    'export-model': async () => (await import('./export-model.js')).exportModel,
  }

const [name = '', options = '{}'] = process.argv.slice(2)
if (!(name in works)) throw new Error(`there is no work '${name}'`)
setNativeEngine(() => import('@espalier/tensorflow'))
const engine: EngineInfo = await useEngine()
const run = (await works[name as WorkName]()) as Run
const found = await run(JSON.parse(options) as never)
const { user, system } = process.cpuUsage()
console.log(
  JSON.stringify({
    ...found,
    peak_rss_mb: process.resourceUsage().maxRSS / 1024,
    cpu_total_s: (user + system) / 1e6,
    engine: `${engine.name} (${engine.version})`,
  }),
)

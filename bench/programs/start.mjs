// What a program does that predicts: `start.mjs MODEL PHOTO` prints the label of a photo, and what that took. It
// uses the built packages, as an application does.
import { currentEngine, setNativeEngine } from '@espalier/core'
import { loadLearner } from '@espalier/vision'

const imported = performance.now()
const [model = '', photo = ''] = process.argv.slice(2)
setNativeEngine(() => import('@espalier/tensorflow'))
const learn = await loadLearner(model)
const prediction = /** @type {{ label: string }} */ (await learn.predict(photo))
const { user, system } = process.cpuUsage()
console.log(
  JSON.stringify({
    label: prediction.label,
    import_s: imported / 1000,
    peak_rss_mb: process.resourceUsage().maxRSS / 1024,
    cpu_total_s: (user + system) / 1e6,
    engine: currentEngine().name,
  }),
)

import { setNativeEngine, useEngine, tf } from '@espalier/core'
import { capture } from '../packages/core/src/checkpoint/capture.js'
import { Arena } from '../packages/core/src/checkpoint/arena.js'
import { Arena as Old } from '../packages/core/src/checkpoint/tmp-arena.js'
import { pack } from '../packages/core/src/checkpoint/pack.js'
import { pack as oldPack } from '../packages/core/src/checkpoint/tmp-pack.js'
import { isFiniteAll } from '../packages/core/src/engine/finite.js'
import { readHost } from '../packages/core/src/engine/host.js'
setNativeEngine(() => import('@espalier/tensorflow'))
console.log((await useEngine()).name)
const { getImageFiles, ImageDataLoaders, visionLearner, resnet34, resize } = await import('@espalier/vision')
const files = (await getImageFiles('apps/demo/data/pets/images')).slice(0, 12)
const dls = await ImageDataLoaders.fromNameRe(files, /^(.+)_\d+\.jpg$/, { bs: 2, itemTfms: [resize(32)] })
using learn = await visionLearner(dls, resnet34, { pretrained: false, verbose: false })
learn.unfreeze()
await learn.fit(1, 1e-3)
const arena = new Arena(), old = new Old()
arena.reserve(260 * 2 ** 20); old.reserve(260 * 2 ** 20)
const time = (f: () => void) => { const c = process.cpuUsage(); const t = performance.now(); f(); const d = process.cpuUsage(c); return (performance.now() - t).toFixed(0) + ' (cpu ' + ((d.user + d.system) / 1000).toFixed(0) + ')' }
for (let i = 0; i < 8; i++) {
  const state = capture(learn as never, { fit: 0, done: false, position: { epoch: 0, phase: 'train', iter: 0, next: 0, trainIter: 0, pctTrain: 0 }, identity: {}, allowed: [] })
  console.log('old', time(() => oldPack(state as never, old)), 'new', time(() => pack(state, arena)), 'finite', time(() => { for (const t of state.tensors.model.values()) isFiniteAll(readHost(t)) }),
   'views', time(() => { for (const m of Object.values(state.tensors)) for (const t of m.values()) readHost(t) }))
  state[Symbol.dispose]()
}

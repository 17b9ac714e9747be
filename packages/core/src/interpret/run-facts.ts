import type { ItemTransform } from '@espalier/data'
import { joinRecords } from '../learner/fit-record.js'
import type { Learner } from '../learner/learner.js'
import { Dropout } from '../nn/dropout.js'
import { Dropout2d } from '../nn/dropout2d.js'
import { isNorm } from '../nn/is-norm.js'
import { type Advice, advise } from './advise.js'
import type { RunFacts } from './next-steps.js'

/** {@link advise} for all fits of a learner together; what is given goes before what is found. */
export function adviseLearner(learn: Learner, given: RunFacts = {}): Advice {
  const { fits } = learn.recorder
  const last = fits.at(-1)
  const joined = { ...joinRecords(fits), ...(last?.about && { about: last.about }) }
  return advise(joined, { ...factsOf(learn), ...given })
}

/** What a learner has already. */
export function factsOf(learn: Learner): RunFacts {
  const { dls, model, lossFunc, recorder } = learn
  const about = recorder.fits.at(-1)?.about
  const hypers = about?.hypers.at(-1) ?? learn.opt.hypers.at(-1) ?? {}
  const callbacks = new Set([...(about?.callbacks ?? []), ...learn.orderedCbs()].map((cb) => cb.name))
  const { itemTfms, batchTfms } = dls.train.options
  const modules = model.all()
  const { lr, wd } = hypers
  return {
    pictures: batchTfms.some((t) => t.name === 'intToFloat'),
    augmentation: [...itemTfms, ...batchTfms].some(isRandom),
    mixUp: callbacks.has('mixUp') || callbacks.has('cutMix'),
    norm: modules.some(isNorm),
    dropout: Math.max(0, ...modules.map((m) => (m instanceof Dropout || m instanceof Dropout2d ? m.p : 0))),
    weightDecay: wd ?? 0,
    labelSmoothing: lossFunc.name.startsWith('labelSmoothing'),
    gradientClip: callbacks.has('gradientClip'),
    frozen: about?.frozen ?? learn.opt.frozenIdx,
    ...(lr !== undefined && { lr }),
    validItems: dls.valid.dataset.length,
  }
}

const random = new Set(['randomCrop', 'randomResizedCrop', 'randomResizedCropGpu'])

/** Whether a transform alters training items at random: it runs for them alone, or is known to. */
function isRandom(t: Pick<ItemTransform, 'name' | 'splitIdx'> & { toJSON?(): unknown }): boolean {
  if (t.splitIdx === 0 || random.has(t.name)) return true
  const { steps } = (t.name === 'spatial' && (t.toJSON?.() as { steps?: unknown })) || {}
  return Array.isArray(steps) && steps.length > 0
}

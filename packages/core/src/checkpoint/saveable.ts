import { describeNumber, EspalierError, type Json } from '@espalier/data'
import type { Learner } from '../learner/learner.js'

/** Throws where a run cannot be kept at any moment. It is said before the fit: a signal may come in an epoch's middle. */
export function checkSaveable(learn: Learner): void {
  const { trainMetrics, metrics } = learn.recorder
  const metric = trainMetrics ? metrics.find((m) => !m.saveState || !m.loadState) : undefined
  if (metric) {
    throw new EspalierError(
      'recorder/metric',
      `the metric '${metric.name}' cannot be saved in the middle of an epoch`,
      { fix: 'give it saveState and loadState, or leave out trainMetrics' },
    )
  }
  const half = learn.orderedCbs().find((cb) => (cb.saveState === undefined) !== (cb.loadState === undefined))
  if (!half) return
  const [has, lacks] = half.saveState ? ['saveState', 'loadState'] : ['loadState', 'saveState']
  throw new EspalierError('checkpoint/callback', `callback '${half.name}' has ${has} but no ${lacks}`, {
    fix: `give it ${lacks}: a run that goes on needs both`,
  })
}

/** Throws where data would come back as something else: JSON knows no infinity. */
export function checkData(owner: string, data: Json | undefined, place = 'data'): void {
  if (typeof data === 'number' && !Number.isFinite(data)) {
    throw new EspalierError(
      'checkpoint/data',
      `saveState of ${owner} gives ${describeNumber(data)} as ${place}, which JSON cannot hold`,
      { fix: 'save null or a text in its place, and read it back in loadState' },
    )
  }
  if (typeof data !== 'object' || data === null) return
  for (const [key, value] of Object.entries(data)) checkData(owner, value, `${place}.${key}`)
}

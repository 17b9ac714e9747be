import type { Schedule } from '../schedule/anneal.js'
import type { Callback } from './callback.js'

/** One schedule for all groups, or one per group. */
export type GroupSchedule = Schedule | readonly Schedule[]

/**
 * Sets hyper-parameters before every training batch from the fraction of the fit that is done (fastai's
 * `ParamScheduler`).
 *
 * @example
 * learn.fit(3, undefined, { cbs: [paramScheduler({ lr: schedExp(1e-4, 1e-2) })] })
 */
export function paramScheduler(schedules: Readonly<Record<string, GroupSchedule>>): Callback {
  return {
    name: 'paramScheduler',
    order: 60,
    runValid: false,
    describeRun: () =>
      Object.fromEntries(
        Object.entries(schedules).map(([name, schedule]) => [name, [schedule].flat().map(sampled)]),
      ),
    beforeBatch({ learn, pctTrain }) {
      for (const [name, schedule] of Object.entries(schedules)) {
        learn.opt.setHyper(
          name,
          typeof schedule === 'function' ? schedule(pctTrain) : schedule.map((f) => f(pctTrain)),
        )
      }
    },
  }
}

/** A schedule as data: its values at a few places. */
function sampled(schedule: Schedule): number[] {
  return [0, 0.1, 0.25, 0.5, 0.75, 0.9].map(schedule)
}

import { describe, EspalierError } from '@espalier/data'
import type { Schedule } from '../schedule/anneal.js'
import type { Callback } from './callback.js'
import type { Learner } from './learner.js'

/** One schedule for all groups, or one per group. */
export type GroupSchedule = Schedule | readonly Schedule[]

/**
 * Sets hyper-parameters before every training batch from the fraction of the fit that is done, and writes down in the
 * recorder what they were (fastai's `ParamScheduler`).
 *
 * @example
 * learn.fit(3, undefined, { cbs: [paramScheduler({ lr: schedExp(1e-4, 1e-2), wd: schedLin(0.1, 0) })] })
 */
export function paramScheduler(schedules: Readonly<Record<string, GroupSchedule>>): Callback {
  checkSchedules(schedules)
  return {
    name: 'paramScheduler',
    order: 60,
    runValid: false,
    describeRun: () =>
      Object.fromEntries(
        Object.entries(schedules).map(([name, schedule]) => [name, [schedule].flat().map(sampled)]),
      ),
    beforeFit: ({ learn }) => checkNames(Object.keys(schedules), learn),
    beforeBatch({ learn, pctTrain }) {
      for (const [name, schedule] of Object.entries(schedules)) {
        learn.opt.setHyper(
          name,
          typeof schedule === 'function' ? schedule(pctTrain) : schedule.map((f) => f(pctTrain)),
        )
      }
    },
    afterBatch({ learn }) {
      const last = learn.opt.hypers.at(-1)
      for (const name of Object.keys(schedules)) learn.recorder.keep(name, last?.[name] ?? Number.NaN)
    },
  }
}

/** A schedule as data: its values at a few places. */
function sampled(schedule: Schedule): number[] {
  return [0, 0.1, 0.25, 0.5, 0.75, 0.9].map(schedule)
}

function checkSchedules(schedules: unknown): void {
  const entries = typeof schedules === 'object' && schedules !== null ? Object.entries(schedules) : []
  const isList = (v: unknown) => Array.isArray(v) && v.length > 0 && v.every((f) => typeof f === 'function')
  const wrong = entries.find(([, v]) => typeof v !== 'function' && !isList(v))
  if (entries.length > 0 && !wrong) return
  throw new EspalierError(
    'schedule/function',
    wrong
      ? `the schedule of ${wrong[0]} must be a function, or a list of one for each group, got ${describe(wrong[1])}`
      : `paramScheduler takes schedules by name, got ${describe(schedules)}`,
    { fix: 'say paramScheduler({ lr: schedCos(1e-2, 0) })' },
  )
}

/** A name that no step reads is a mistake that would go unnoticed. */
function checkNames(names: readonly string[], { opt }: Learner): void {
  const known = Object.keys(opt.hypers[0] ?? {})
  const unknown = names.find((name) => !known.includes(name))
  if (unknown === undefined) return
  throw new EspalierError(
    'schedule/hyper',
    `there is a schedule for '${unknown}', which the optimizer has not`,
    { fix: `it has ${known.join(', ')}` },
  )
}

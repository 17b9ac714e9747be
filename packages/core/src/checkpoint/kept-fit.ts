import { EspalierError, reasonOf } from '@espalier/data'
import { notedFit } from '../card/noted-fit.js'
import type { FitPlan } from '../learner/fit-plan.js'
import type { Learner } from '../learner/learner.js'
import { type EndSignal, platform } from '../platform.js'
import { Folder } from './folder.js'
import { checkIdentity, identityOf } from './identity.js'
import { Interrupted, Keeper } from './keeper.js'
import type { CheckpointOptions, Resume } from './options.js'
import { restore } from './restore.js'
import { checkSaveable } from './saveable.js'

/** The status a process ends with after a signal. */
const statuses: Readonly<Record<EndSignal, number>> = { SIGINT: 130, SIGTERM: 143 }

/** The kept fits of this process that are not over: a signal is to all of them. */
const running = new Set<Promise<void>>()
/** How long one of them waits for the others; it may be part of another, which then waits for it. In ms. */
const patience = 3000

/**
 * Runs a fit so that it cannot be lost. Fits are numbered: where the run goes on, those that were over are passed
 * over, as they left the learner, and the one that was cut goes on where it was.
 */
export async function keptFit(
  learn: Learner,
  plan: FitPlan,
  { dir, keep = 2, ...every }: CheckpointOptions,
  resume: Resume,
  run: (plan: FitPlan) => Promise<void>,
): Promise<void> {
  checkSaveable(learn)
  const folder = await Folder.open(dir, keep)
  let signal: EndSignal | undefined
  let over = () => {}
  const ended = new Promise<void>((resolve) => {
    over = resolve
  })
  running.add(ended)
  try {
    const identity = await identityOf(learn, plan)
    const found = resume ? await folder.latest(learn.run.fit) : await refuseOther(folder, learn)
    const allowed = found ? checkIdentity(dir, found.file.identity, identity, resume) : []
    if (found?.file.done) return await notedFit(learn, async () => passOver(learn, found))
    const keeper = new Keeper(learn, folder, {
      plan,
      every,
      identity,
      found,
      allowed: [...new Set([...(found?.file.allowed ?? []), ...allowed])],
    })
    const { process } = platform()
    const off = process?.onSignal((s) => {
      if (signal) process.exit(statuses[s])
      signal = s
      keeper.stopping = true
    })
    try {
      await run({ ...plan, keeper })
    } finally {
      await keeper.close()
      off?.()
    }
  } catch (error) {
    if (!signal) throw error
    // Who asked the process to end is not left with one that goes on.
    if (!(error instanceof Interrupted))
      platform().write(`${signal}: no state was written: ${reasonOf(error)}\n`)
  } finally {
    await folder.close()
    running.delete(ended)
    over()
  }
  if (!signal) return
  if (running.size > 0) await Promise.race([Promise.all(running), sleep(patience)])
  platform().process?.exit(statuses[signal])
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** A run that was not asked to go on does not mix with another one. */
async function refuseOther(folder: Folder, learn: Learner): Promise<undefined> {
  const other = (await folder.generations()).find((g) => g.fit >= learn.run.fit)
  if (!other) return undefined
  throw new EspalierError('checkpoint/exists', `'${folder.dir}' holds a run already: ${other.name}`, {
    fix: 'say resume: true to go on with it, or choose another folder',
  })
}

/** A fit that was over: its end is where the next one begins. */
function passOver(learn: Learner, found: Parameters<typeof restore>[1]): void {
  learn.recorder.beforeFit()
  restore(learn, found)
  if (learn.options.verbose !== false)
    platform().write(`fit ${found.file.fit} of this run was over already\n`)
}

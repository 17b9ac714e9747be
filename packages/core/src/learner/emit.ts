import { EspalierError, reasonOf } from '@espalier/data'
import type { Callback } from './callback.js'
import { Cancel, type CancelPart } from './cancel.js'
import { batchEvents, type EventName } from './events.js'
import type { LoopVariables } from './loop.js'

/** Fires an event of the inner loop. */
export function emitSync(s: LoopVariables, event: EventName): void {
  for (const cb of listening(s, event)) {
    try {
      const result = s.learn.usage.lend(() => handler<unknown>(cb, event)(s))
      if (result instanceof Promise) throw asynchronous(cb, event, result)
    } catch (error) {
      throw failed(cb, event, error)
    }
  }
}

function asynchronous(cb: Callback, event: EventName, running: Promise<unknown>): EspalierError {
  running.catch(() => {}) // It is reported here; nobody waits for its end.
  return new EspalierError('callback/async', `callback '${cb.name}' is asynchronous in ${event}`, {
    fix: 'events of a batch are synchronous: make it a plain function, or use an event of the epoch',
  })
}

/** Fires an event outside the batches; callbacks may take their time. */
async function emit(s: LoopVariables, event: EventName): Promise<void> {
  for (const cb of listening(s, event)) {
    try {
      await s.learn.usage.lend(async () => handler<Promise<void> | void>(cb, event)(s))
    } catch (error) {
      throw failed(cb, event, error)
    }
  }
}

type Part = 'Batch' | 'Backward' | 'Step' | 'Train' | 'Validate' | 'Epoch' | 'Fit'

/**
 * A part of the loop between its `before` and `after` events. Only its own kind of cancel is caught here; any other
 * exception goes on outwards, past the `after` event (fastai's `_with_events`).
 */
export async function part(s: LoopVariables, name: Part, run: () => Promise<void>): Promise<void> {
  try {
    await withEvents(s, name, run)
  } finally {
    if (name === 'Fit') for (const cb of s.learn.orderedCbs()) if (cb.run === false) cb.run = true
  }
}

async function withEvents(s: LoopVariables, name: Part, run: () => Promise<void>): Promise<void> {
  try {
    await emit(s, `before${name}` as EventName)
    await run()
  } catch (error) {
    if (!isCancelOf(error, name)) throw error
    await emit(s, `afterCancel${name}` as EventName)
  }
  await emit(s, `after${name}` as EventName)
}

/** The same inside a batch. */
export function partSync(s: LoopVariables, name: Part, run: () => void): void {
  try {
    emitSync(s, `before${name}` as EventName)
    run()
  } catch (error) {
    if (!isCancelOf(error, name)) throw error
    emitSync(s, `afterCancel${name}` as EventName)
  }
  emitSync(s, `after${name}` as EventName)
}

function isCancelOf(error: unknown, name: Part): boolean {
  return error instanceof Cancel && error.part === (name.toLowerCase() as CancelPart)
}

/** The callbacks that hear an event, in order; one may be silenced by another that comes before it. */
function* listening(s: LoopVariables, event: EventName): Generator<Callback> {
  const inner = batchEvents.has(event)
  for (const cb of s.learn.orderedCbs()) {
    if (typeof cb[event] !== 'function') continue
    const sits = inner && (s.training ? cb.runTrain : cb.runValid) === false
    if (cb.run !== false && !sits) yield cb
  }
}

function handler<R>(cb: Callback, event: EventName): (s: LoopVariables) => R {
  return (cb[event] as (s: LoopVariables) => R).bind(cb)
}

/** Readable errors pass as they are; others are told where they come from. */
function failed(cb: Callback, event: EventName, error: unknown): unknown {
  if (error instanceof Cancel || error instanceof EspalierError) return error
  return new EspalierError(
    'callback/failed',
    `callback '${cb.name}' failed in ${event}: ${reasonOf(error)}`,
    { cause: error },
  )
}

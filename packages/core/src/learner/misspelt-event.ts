import { eventNames } from './event-names.js'
import type { EventName } from './events.js'

/** A function of a callback that is meant for an event and is not called like one. */
export interface MisspeltEvent {
  readonly name: string
  /** The event that was probably meant. */
  readonly nearest: EventName
}

/** Other words for what the names of events are made of: Python's, Keras's and Lightning's. */
const synonyms: Readonly<Record<string, string>> = {
  begin: 'before',
  start: 'before',
  end: 'after',
  ended: 'after',
  valid: 'validate',
  validation: 'validate',
  test: 'validate',
  forward: 'pred',
  prediction: 'pred',
  training: 'train',
}
const parts = /^(fit|epoch|train|batch|pred|loss|backward|step|cancel|validate)$/
/** No function of a callback that has nothing to do with events is nearer to the name of one than this. */
const near = 2

/** Finds a function that would never be called: `afterbatch`, `after_batch`, `onEpochEnd`, `aferEpoch`. */
export function misspeltEvent(cb: object): MisspeltEvent | undefined {
  for (const name of functionsOf(cb)) {
    if ((eventNames as readonly string[]).includes(name)) continue
    const nearest = nearestEvent(name)
    if (nearest) return { name, nearest }
  }
  return undefined
}

/** The event that a name probably means. */
function nearestEvent(name: string): EventName | undefined {
  const words = wordsOf(name)
  const on = words[0] === 'on'
  const ours = on ? inOurOrder(words.slice(1)) : words
  const meant = ours.join('')
  const ranked = eventNames
    .map((event) => ({ event, distance: distance(meant, event.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
  const [best] = ranked
  const claims = /^(before|after)$/.test(ours[0] ?? '') && ours.some((w) => parts.test(synonyms[w] ?? w))
  return best && (claims || best.distance <= near) ? best.event : undefined
}

function wordsOf(name: string): string[] {
  const words = name.split(/_|(?<=[a-z0-9])(?=[A-Z])/).map((w) => w.toLowerCase())
  return words.filter((w) => w !== '')
}

/** `epoch end` → `after epoch`, `train batch start` → `before batch`. */
function inOurOrder(words: readonly string[]): string[] {
  const ours = words.map((w) => synonyms[w] ?? w)
  const when = ours.find((w) => w === 'before' || w === 'after') ?? 'after'
  return [when, ours.filter((w) => w !== when).at(-1) ?? '']
}

/** The functions of an object and of its class. */
function functionsOf(cb: object): string[] {
  const names: string[] = []
  for (let o: object | null = cb; o && o !== Object.prototype; o = Object.getPrototypeOf(o)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(o))) {
      if (typeof value === 'function' && name !== 'constructor') names.push(name)
    }
  }
  return names
}

/** How many letters must be put in, left out or changed to get from one text to another (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[b.length]!
}

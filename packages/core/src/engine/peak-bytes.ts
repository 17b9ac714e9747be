import * as tf from './tf.js'

/** How much the tensors of the engine take, at most, while this watches. */
export interface PeakWatch extends Disposable {
  /** Bytes above those that were there when it began, at the highest. */
  readonly peak: number
}

type Entries = ReturnType<typeof tf.engine>['state']['tensorInfo']
type Listener = (bytes: number) => void

/**
 * Watches the memory of tensors. tfjs's own count has every view of a buffer once more and tells no peak: here each
 * buffer counts once, from the moment the engine knows it until it lets it go.
 */
export function watchPeak(): PeakWatch {
  let [now, peak] = [0, 0]
  const listener: Listener = (bytes) => {
    now += bytes
    peak = Math.max(peak, now)
  }
  listeners.add(listener)
  if (listeners.size === 1) listen()
  return {
    get peak() {
      return peak
    },
    [Symbol.dispose]() {
      listeners.delete(listener)
      if (listeners.size === 0) stopListening()
    },
  }
}

const listeners = new Set<Listener>()
let stopListening = () => {}

function tell(bytes: number): void {
  for (const listener of listeners) listener(bytes)
}

/** Puts itself between the engine and its list of buffers. */
function listen(): void {
  const { state } = tf.engine()
  const entries = state.tensorInfo
  const bytesOf = (id: object) => entries.get(id)?.bytes ?? 0
  const between: Pick<Entries, 'get' | 'set' | 'has' | 'delete'> = {
    get: (id) => entries.get(id),
    has: (id) => entries.has(id),
    set(id, info) {
      tell(info.bytes - bytesOf(id))
      entries.set(id, info)
      return state.tensorInfo
    },
    delete(id) {
      tell(-bytesOf(id))
      return entries.delete(id)
    },
  }
  state.tensorInfo = between as Entries
  stopListening = () => {
    state.tensorInfo = entries
  }
}

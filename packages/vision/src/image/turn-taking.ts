/** For how long pixels may be worked on before timers, input and finished reads get their turn, in ms. */
const slice = 8

const waiting: (() => void)[] = []
let began = Number.NEGATIVE_INFINITY

/**
 * Waits until a piece of work of some milliseconds may begin. Many pictures become decoded at the same moment;
 * without this they would all be resized before anything else is heard.
 */
export async function myTurn(): Promise<void> {
  if (waiting.length === 0 && performance.now() - began < slice) return
  await new Promise<void>((go) => {
    waiting.push(go)
    if (waiting.length === 1) later(next)
  })
}

function next(): void {
  began = performance.now()
  waiting.shift()?.()
  if (waiting.length > 0) later(next)
}

/** After the event loop has turned. */
function later(f: () => void): void {
  if (typeof setImmediate === 'function') setImmediate(f)
  else setTimeout(f)
}

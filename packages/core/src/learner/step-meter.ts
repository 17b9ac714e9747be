import { installedPlatform } from '../platform.js'
import type { Callback } from './callback.js'
import { type CancelPart, cancel } from './cancel.js'

/** When to stop measuring, and what to cancel then. */
export interface MeterOptions {
  /** After the first step, once this much time has passed. */
  readonly seconds: number
  readonly most: number
  readonly part: CancelPart
}

/** What a step took, in seconds. */
export interface MeasuredStep {
  /** Its number in its epoch, and how many there are. */
  readonly iter: number
  readonly nIter: number
  /** The step alone. */
  readonly step: number
  /** Since the end of the step before; since the beginning of the epoch where there is none. */
  readonly wall: number
}

/** Two callbacks that time the steps between them and look at the memory of the process. */
export interface StepMeter {
  readonly cbs: readonly Callback[]
  readonly steps: readonly MeasuredStep[]
  /** Bytes that the process held at most; 0 where it cannot tell. */
  readonly residentBytes: number
}

/** After how many steps the memory is no longer looked at. */
const looks = 8
const now = () => performance.now() / 1000

/** Measures the steps of a training or a validation until it knows enough. */
export function stepMeter({ seconds, most, part }: MeterOptions): StepMeter {
  const steps: MeasuredStep[] = []
  let [began, before, first, residentBytes] = [0, 0, 0, 0]
  const look = () => {
    if (steps.length > looks) return // It takes time, and the first steps have shown what they need.
    residentBytes = Math.max(residentBytes, installedPlatform()?.machine?.residentBytes() ?? 0)
  }
  const epochBegins = () => {
    before = now()
  }
  const opening: Callback = {
    name: 'estimate',
    order: -1000,
    beforeTrain: epochBegins,
    beforeValidate: epochBegins,
    beforeBatch() {
      began = now()
    },
  }
  const closing: Callback = {
    name: 'estimate end',
    order: 1000,
    readsOnly: true,
    afterPred: look,
    afterBackward: look,
    afterBatch({ iter, nIter }) {
      const end = now()
      steps.push({ iter, nIter, step: end - began, wall: end - before })
      before = end
      look()
      if (steps.length === 1) first = end
      // At the end of an epoch nothing is being read ahead: it is a good place to stop at.
      const enough = iter + 1 === nIter ? seconds / 2 : seconds
      if (steps.length >= most || (steps.length >= 2 && end - first >= enough)) cancel(part)
    },
  }
  return {
    cbs: [opening, closing],
    steps,
    get residentBytes() {
      return residentBytes
    },
  }
}

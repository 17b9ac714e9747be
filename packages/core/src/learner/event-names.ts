import type { EventName } from './events.js'

/** Exhaustive, by type. */
const events: Readonly<Record<EventName, true>> = {
  beforeFit: true,
  beforeEpoch: true,
  beforeTrain: true,
  beforeBatch: true,
  afterPred: true,
  afterLoss: true,
  beforeBackward: true,
  afterCancelBackward: true,
  afterBackward: true,
  beforeStep: true,
  afterCancelStep: true,
  afterStep: true,
  afterCancelBatch: true,
  afterBatch: true,
  afterCancelTrain: true,
  afterTrain: true,
  beforeValidate: true,
  afterCancelValidate: true,
  afterValidate: true,
  afterCancelEpoch: true,
  afterEpoch: true,
  afterCancelFit: true,
  afterFit: true,
}

/** The names of all events, in the order they fire. */
export const eventNames = Object.keys(events) as readonly EventName[]

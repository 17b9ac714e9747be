import { Random } from '@espalier/data'
import { unrepeatable } from '../engine/recording.js'

/** Where the draws of this step come from: set by whoever runs the model. */
let place: { readonly seed: number; readonly step: number } = { seed: 42, step: 0 }
let drawn = 0

/**
 * Says which step of which run the following forward pass belongs to. The n-th dropout layer that runs in it draws
 * from a stream of its own, so that a resumed run drops what the uninterrupted one would have.
 */
export function setDropoutPlace(seed: number, step: number): void {
  place = { seed, step }
  drawn = 0
}

/** The draws of the next layer that drops something in this step: which place it has is all that they depend on. */
export function nextDrops(): Random {
  unrepeatable() // Unless it is drawn in work that is repeated.
  return new Random(place.seed, 'dropout', place.step, drawn++)
}

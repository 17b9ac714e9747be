import type { Keeper } from '../checkpoint/keeper.js'

/** What a fit is to do. */
export interface FitPlan {
  /** What it is called in events and run cards: `fitOneCycle`, `fineTune frozen`. */
  readonly name: string
  readonly nEpoch: number
  /** Writes the run down as it goes, and says where it goes on. */
  readonly keeper?: Keeper
}

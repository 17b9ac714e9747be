import { share, type TallyScore } from './tally.js'

/** What of the predicted is right. */
export const precisionOf: TallyScore = ({ both, predicted }) => share(both, predicted)

/** What of the wanted is found. */
export const recallOf: TallyScore = ({ both, wanted }) => share(both, wanted)

/** What is both, of what is either. */
export const jaccardOf: TallyScore = ({ both, wanted, predicted }) => share(both, wanted + predicted - both)

/** Precision and recall in one, recall counting β times as much. */
export const fBetaOf =
  (beta: number): TallyScore =>
  ({ both, wanted, predicted }) =>
    share((1 + beta * beta) * both, beta * beta * wanted + predicted)

/** The steps of this package that threads can make again, by their names. */
import { Categorize } from '../../blocks/categorize.js'

/** Labels to numbers. */
export const categorize = ({
  vocab,
  addNa,
}: {
  readonly vocab: readonly string[]
  readonly addNa: boolean
}) => new Categorize({ vocab, addNa })

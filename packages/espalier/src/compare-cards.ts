import { diffCards, type RunCard } from '@espalier/core'

/** What differs between the cards of two runs, a line each; learner by learner where there are several. */
export function compareCards(before: readonly RunCard[], after: readonly RunCard[]): readonly string[] {
  const alone = before.length === 1 && after.length === 1
  const missing = before.length === after.length ? [] : [`learners: ${before.length} → ${after.length}`]
  const lines = before.flatMap((card) => {
    const other = alone ? after[0] : after.find((c) => c.learner === card.learner)
    return other ? diffCards(card, other).map((c) => (alone ? `${c}` : `learner ${card.learner}: ${c}`)) : []
  })
  return [...missing, ...lines]
}

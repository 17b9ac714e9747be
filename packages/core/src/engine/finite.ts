import type { TypedArray } from '@espalier/data'

/** Whether all numbers are finite: 0 times anything else is no number, and stays so in a sum. */
export function isFiniteAll(numbers: TypedArray): boolean {
  let sum = 0
  for (let i = 0; i < numbers.length; i++) sum += numbers[i]! * 0
  return sum === 0
}

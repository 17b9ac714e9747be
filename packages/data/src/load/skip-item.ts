/** Thrown while a sample is loaded to leave it out; the message says why (fastai's `SkipItemException`). */
export class SkipItem extends Error {
  override readonly name = 'SkipItem'
}

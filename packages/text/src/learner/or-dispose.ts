/** Gives something back where what is made of it fails. */
export async function orDispose<T>(owned: Disposable, make: () => Promise<T>): Promise<T> {
  try {
    return await make()
  } catch (error) {
    owned[Symbol.dispose]()
    throw error
  }
}

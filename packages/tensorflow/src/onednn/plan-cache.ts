/** What can be given back. */
interface Destroyable {
  destroy(): void
}

/** The most recently used plans, by shape; the oldest go when there are too many. */
export class PlanCache<T extends Destroyable> {
  readonly #plans = new Map<string, T>()
  readonly #capacity: number

  constructor(capacity = 256) {
    this.#capacity = capacity
  }

  get size(): number {
    return this.#plans.size
  }

  get(key: string, make: () => T): T {
    const found = this.#plans.get(key)
    const plan = found ?? make()
    // A Map keeps the order of insertion: putting it in again makes it the newest.
    if (found) this.#plans.delete(key)
    this.#plans.set(key, plan)
    if (this.#plans.size > this.#capacity) {
      const [oldest] = this.#plans.keys()
      this.#plans.get(oldest!)?.destroy()
      this.#plans.delete(oldest!)
    }
    return plan
  }
}

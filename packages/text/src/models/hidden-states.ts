import { noGrad, type Saved, tf } from '@espalier/core'
import type { LstmState } from '@espalier/core/kernels'
import { EspalierError } from '@espalier/data'

type Layers = readonly (readonly LstmState[])[]

/** The states of recurrent layers between batches: kept, without gradient, and owned here. */
export class HiddenStates {
  #layers: Layers = []

  get layers(): Layers {
    return this.#layers
  }

  /** The states for `b` rows: the first ones where there were more, and zeros behind them where there were fewer. */
  forRows(b: number, start: (b: number) => Layers): Layers {
    const rows = this.#layers[0]?.[0]?.h.shape[0] ?? 0
    if (rows === 0) return start(b)
    if (rows === b) return this.#layers
    if (rows > b) return mapped(this.#layers, (t) => tf.slice(t, [0, 0], [b, t.shape[1]]))
    return mapped(this.#layers, (t) =>
      tf.pad(t, [
        [0, b - rows],
        [0, 0],
      ]),
    )
  }

  /** Takes over what a batch left. */
  replace(layers: Layers): void {
    // What comes later has no gradient in what came before, in the same step either.
    let next: Layers = []
    noGrad(() => {
      next = mapped(layers, (t) => tf.keep(tf.clone(t)))
    })
    this.clear()
    this.#layers = next
  }

  /** Goes on with some rows only, in this order. */
  keepRows(rows: readonly number[]): void {
    const before = this.#layers[0]?.[0]?.h.shape[0] ?? 0
    if (before === 0) return
    if (rows.length === before && rows.every((row, i) => row === i)) return
    if (rows.length === 0) {
      this.clear()
      return
    }
    noGrad(() => {
      const index = tf.tensor1d([...rows], 'int32')
      this.replace(mapped(this.#layers, (t) => tf.gather(t, index)))
    })
  }

  clear(): void {
    for (const state of this.#layers.flat()) tf.dispose([state.h, state.c])
    this.#layers = []
  }

  saved(): Saved {
    const entries = this.#layers.flatMap((directions, i) =>
      directions.flatMap(({ h, c }, d) => [[`${i}.${d}.h`, h] as const, [`${i}.${d}.c`, c] as const]),
    )
    return { data: this.#layers.map((directions) => directions.length), tensors: Object.fromEntries(entries) }
  }

  load({ data, tensors = {} }: Saved): void {
    const directions = Array.isArray(data) ? (data as readonly number[]) : []
    const state = (i: number, d: number): LstmState => {
      const [h, c] = [tensors[`${i}.${d}.h`], tensors[`${i}.${d}.c`]]
      if (h && c) return { h: h as tf.Tensor2D, c: c as tf.Tensor2D }
      throw new EspalierError('state/hidden', `the saved state lacks direction ${d} of layer ${i}`, {
        fix: 'it belongs to another model',
      })
    }
    this.replace(directions.map((n, i) => Array.from({ length: n }, (_, d) => state(i, d))))
  }
}

function mapped(layers: Layers, f: (t: tf.Tensor2D) => tf.Tensor2D): Layers {
  return layers.map((directions) => directions.map(({ h, c }) => ({ h: f(h), c: f(c) })))
}

import { EspalierError } from '@espalier/data'
import type { Pointer } from '../native/library.js'
import type { TensorflowApi } from './api.js'

/** A tensor inside TensorFlow, with what would otherwise be asked of it again and again. */
export interface Handle {
  readonly pointer: Pointer
  readonly shape: readonly number[]
  readonly dtype: number
  /** Where its content lies, once that is known; it stays there as long as it lives. */
  at?: Pointer
  /** The numbers of a small integer tensor: sizes, axes and paddings, which checks look at. */
  readonly values?: ArrayLike<number>
}

/** The tensors that are alive, by the number that tfjs knows them by. */
export class Handles {
  readonly #api: TensorflowApi
  readonly #handles = new Map<number, Handle>()
  #next = 1

  constructor(api: TensorflowApi) {
    this.#api = api
  }

  get count(): number {
    return this.#handles.size
  }

  add(handle: Handle): number {
    const id = this.#next++
    this.#handles.set(id, handle)
    return id
  }

  get(id: number, wanted: () => string): Handle {
    const handle = this.#handles.get(id)
    if (handle) return handle
    throw new EspalierError('engine/disposed', `${wanted()}: tensor ${id} does not exist or was disposed`)
  }

  delete(id: number): void {
    const handle = this.get(id, () => 'deleteTensor')
    this.#handles.delete(id)
    this.#api.deleteHandle(handle.pointer)
  }
}

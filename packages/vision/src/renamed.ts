import { type AnyModule, type SafeTensor, torchShape } from '@espalier/core'
import type { KeyMap } from './models/timm-names.js'

/**
 * A checkpoint under the names of a model: its own where it has them, else those of a key map. A weight that lies
 * there in another shape, as a linear layer that is a 1×1 convolution, gets the one that it has here.
 */
export function renamed(
  model: AnyModule,
  dict: ReadonlyMap<string, SafeTensor>,
  keyMap: KeyMap | undefined,
): ReadonlyMap<string, SafeTensor> {
  if (!keyMap) return dict
  const shapes = new Map([...model.weights()].map((w) => [w.path, torchShape(w)]))
  const size = (shape: readonly number[]) => shape.reduce((n, s) => n * s, 1)
  return new Map(
    [...dict].map(([key, tensor]) => {
      const name = shapes.has(key) ? key : keyMap(key)
      const shape = shapes.get(name)
      const lies = name !== key && shape && size(shape) === size(tensor.shape)
      return [name, lies ? { ...tensor, shape } : tensor]
    }),
  )
}

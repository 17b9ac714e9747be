import * as tf from '../engine/tf.js'
import { shapeError } from './check.js'

/**
 * Einstein summation of one or more tensors on every engine, differentiable (tfjs's own has no gradient and no
 * wasm kernel). Products of two tensors become one batched matrix product.
 *
 * @example
 * einsum('bij,bjk->bik', a, b)
 */
export function einsum(equation: string, ...tensors: readonly tf.Tensor[]): tf.Tensor {
  const [left, result] = equation.replaceAll(' ', '').split('->')
  const terms = left!.split(',')
  if (result === undefined || terms.length !== tensors.length) {
    throw shapeError(
      'einsum',
      `'${equation}' needs '->' and one term for each of the ${tensors.length} tensors`,
    )
  }
  const sizes = new Map<string, number>()
  terms.forEach((term, i) => {
    const { shape } = tensors[i]!
    if (term.length !== shape.length || new Set(term).size !== term.length) {
      throw shapeError('einsum', `'${term}' does not name the axes of [${shape}] once each`)
    }
    for (const [k, axis] of [...term].entries()) {
      if ((sizes.get(axis) ?? shape[k]) !== shape[k])
        throw shapeError('einsum', `axis '${axis}' is both ${sizes.get(axis)} and ${shape[k]}`)
      sizes.set(axis, shape[k]!)
    }
  })
  const missing = [...result].find((axis) => !sizes.has(axis))
  if (missing) throw shapeError('einsum', `axis '${missing}' of the result is in no term`)
  let [term, value] = [terms[0]!, tensors[0]!]
  for (let i = 1; i < terms.length; i++) {
    const later = `${terms.slice(i + 1).join('')}${result}`
    ;[term, value] = contract([term, value], [terms[i]!, tensors[i]!], later, sizes)
  }
  const summed = [...term].flatMap((axis, i) => (result.includes(axis) ? [] : [i]))
  const kept = [...term].filter((axis) => result.includes(axis)).join('')
  return permute(summed.length ? tf.sum(value, summed) : value, kept, result)
}

type Term = readonly [axes: string, value: tf.Tensor]

/** Multiplies two terms, summing over the axes that nothing later needs. */
function contract(
  [a, x]: Term,
  [b, y]: Term,
  later: string,
  sizes: ReadonlyMap<string, number>,
): [string, tf.Tensor] {
  const shared = [...a].filter((axis) => b.includes(axis))
  const batch = shared.filter((axis) => later.includes(axis)).join('')
  const inner = shared.filter((axis) => !later.includes(axis)).join('')
  const rows = [...a].filter((axis) => !b.includes(axis)).join('')
  const columns = [...b].filter((axis) => !a.includes(axis)).join('')
  const size = (axes: string) => [...axes].reduce((n, axis) => n * sizes.get(axis)!, 1)
  const p = tf.reshape(permute(x, a, batch + rows + inner), [size(batch), size(rows), size(inner)])
  const q = tf.reshape(permute(y, b, batch + inner + columns), [size(batch), size(inner), size(columns)])
  const axes = batch + rows + columns
  return [
    axes,
    tf.reshape(
      tf.matMul(p, q),
      [...axes].map((axis) => sizes.get(axis)!),
    ),
  ]
}

function permute(t: tf.Tensor, from: string, to: string): tf.Tensor {
  return from === to
    ? t
    : tf.transpose(
        t,
        [...to].map((axis) => from.indexOf(axis)),
      )
}

import { type AnyModule, record, stateDict, tf, type Weight } from '@espalier/core'
import { ndArray } from '@espalier/data'
import type { GoldenCase } from '@espalier/testkit'
import { type Check, checkTensor, checkValue, inputTensor, toNchw } from '../check.js'
import { loadFormula } from '../tiny-model.js'

/** A module in eval and in train mode: outputs, the gradients of mean(y·r), statistics afterwards, printed form. */
export function checkModule(golden: GoldenCase, module: AnyModule): Check[] {
  const { expected, printed } = golden.json
  loadFormula(module, golden)
  const checks: Check[] =
    printed === undefined ? [] : [checkValue(golden, 'printed', String(module), printed)]
  tf.tidy(() => {
    const x = inputTensor(golden, 'x')
    const run = () => module.forward(x as never) as tf.Tensor
    module.eval()
    checks.push(checkTensor(golden, 'eval', toNchw(run())))
    module.train()
    const weights = [...module.weights()].filter((w) => w.variable.trainable)
    const { result, tape } = record(() => {
      const y = run()
      return { y, loss: tf.mean(tf.mul(y, inputTensor(golden, 'r'))) }
    })
    checks.push(
      checkTensor(golden, 'train', toNchw(result.y)),
      checkValue(golden, 'loss', result.loss.dataSync()[0]),
    )
    const grads = tape.backward(result.loss, [x, ...weights.map((w) => w.variable)])
    if ('grad.input.x' in expected) checks.push(checkTensor(golden, 'grad.input.x', toNchw(grads[0]!)))
    for (const [i, w] of weights.entries()) {
      if (`grad.${w.path}` in expected)
        checks.push(checkTensor(golden, `grad.${w.path}`, inTorch(w, grads[i + 1]!)))
    }
  })
  return [...checks, ...checkAfter(golden, module)]
}

/** The running statistics that a case expects afterwards. */
export function checkAfter(golden: GoldenCase, module: AnyModule): Check[] {
  const dict = stateDict(module)
  return Object.keys(golden.json.expected)
    .filter((key) => key.startsWith('after.'))
    .map((key) => {
      const { data, shape } = dict.get(key.slice('after.'.length))!
      return checkTensor(golden, key, ndArray('float32', shape, data as Float32Array))
    })
}

/** A gradient in the layout that its weight has in torch. */
export function inTorch({ axes }: Weight, gradient: tf.Tensor): tf.Tensor {
  return axes ? tf.transpose(gradient, [...axes]) : gradient
}

/** Names and shapes of a state dict, as torch lists them. */
export function listed(module: AnyModule): [string, number[]][] {
  return [...stateDict(module)].map(([key, { shape }]) => [key, [...shape]])
}

export const countValues = (module: AnyModule): number => module.parameters().reduce((n, p) => n + p.size, 0)

import { type AnyModule, record, stateDict, tf, type Weight } from '@espalier/core'
import { ndArray } from '@espalier/data'
import type { GoldenCase } from '@espalier/testkit'
import { type Check, checkPrinted, checkTensor, checkValue, inputTensor, toNchw, unmet } from '../check.js'
import { loadFormula } from '../tiny-model.js'

/** A module in eval and in train mode: outputs, the gradients of mean(y·r), statistics afterwards, printed form. */
export function checkModule(golden: GoldenCase, module: AnyModule): Check[] {
  const { expected } = golden.json
  loadFormula(module, golden)
  const checks = checkPrinted(golden, String(module))
  const done: string[] = []
  const check = (key: string, t: tf.Tensor) => {
    if (!(key in expected)) return
    done.push(key)
    checks.push(key === 'loss' ? checkValue(golden, key, t.dataSync()[0]) : checkTensor(golden, key, t))
  }
  tf.tidy(() => {
    const x = inputTensor(golden, 'x')
    const run = () => module.forward(x as never) as tf.Tensor
    module.eval()
    check('eval', toNchw(run()))
    if (!('train' in expected)) return
    module.train()
    const weights = [...module.weights()].filter((w) => w.variable.trainable)
    const { result, tape } = record(() => {
      const y = run()
      return { y, loss: tf.mean(tf.mul(y, inputTensor(golden, 'r'))) }
    })
    check('train', toNchw(result.y))
    check('loss', result.loss)
    const grads = tape.backward(result.loss, [x, ...weights.map((w) => w.variable)])
    check('grad.input.x', toNchw(grads[0]!))
    for (const [i, w] of weights.entries()) check(`grad.${w.path}`, inTorch(w, grads[i + 1]!))
  })
  const after = Object.keys(expected).filter((key) => key.startsWith('after.'))
  return [...checks, ...checkAfter(golden, module, after), ...unmet(golden, [...done, ...after])]
}

/** Running statistics and other buffers as they are expected afterwards. */
export function checkAfter(golden: GoldenCase, module: AnyModule, keys: readonly string[]): Check[] {
  const dict = stateDict(module)
  return keys.map((key) => {
    const found = dict.get(key.slice('after.'.length))
    if (!found) return { ok: false, largest: 0, message: `the ${module.kind} has no ${key}` }
    return checkTensor(golden, key, ndArray('float32', found.shape, found.data as Float32Array))
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

/** The options of a case under our names; what is `None` is left out. */
export function camelCased<T = Record<string, unknown>>(config: Readonly<Record<string, unknown>>): T {
  return Object.fromEntries(
    Object.entries(config)
      .filter(([, v]) => v !== null)
      .map(([k, v]) => [k.replace(/_(\w)/g, (_, c: string) => c.toUpperCase()), v]),
  ) as T
}

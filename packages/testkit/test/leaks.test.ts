import { tf } from '@espalier/core'
import { expect, it } from 'vitest'
import { expectNoLeaks } from '../src/leaks.js'

it('a tensor that is left behind is found, and one that is disposed twice', async () => {
  await expectNoLeaks(() => tf.scalar(1).dispose())
  let left: tf.Tensor | undefined
  await expect(
    expectNoLeaks(() => {
      left = tf.scalar(1)
    }),
  ).rejects.toThrow('something was left behind')
  await expect(expectNoLeaks(() => left!.dispose())).rejects.toThrow('disposed twice')
})

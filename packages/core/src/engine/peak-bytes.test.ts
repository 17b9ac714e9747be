import { beforeAll, expect, it } from 'vitest'
import { useEngine } from './engine.js'
import { type PeakWatch, watchPeak } from './peak-bytes.js'
import * as tf from './tf.js'

beforeAll(async () => {
  await useEngine('cpu')
})

const mebi = 2 ** 20
const megabyte = () => tf.zeros([mebi / 4])

it('counts each buffer once, at the highest', () => {
  using watch = watchPeak()
  expect(watch.peak).toBe(0)
  const a = megabyte()
  const view = tf.reshape(a, [-1, 4])
  expect(watch.peak).toBe(mebi)
  tf.tidy(() => void [megabyte(), megabyte()])
  expect(watch.peak).toBe(3 * mebi)
  a.dispose()
  tf.tidy(() => void [megabyte(), megabyte()])
  expect(watch.peak).toBe(3 * mebi) // The view still holds the first one.
  view.dispose()
  tf.tidy(() => void [megabyte(), megabyte(), megabyte()])
  expect(watch.peak).toBe(3 * mebi)
})

it('watches that overlap see what there is while they are, and leave the engine as it was', () => {
  const entries = tf.engine().state.tensorInfo
  const watches: PeakWatch[] = [watchPeak()]
  megabyte().dispose()
  watches.push(watchPeak())
  tf.tidy(() => void [megabyte(), megabyte()])
  watches[0]![Symbol.dispose]()
  tf.tidy(() => void [megabyte(), megabyte(), megabyte()])
  watches[1]![Symbol.dispose]()
  megabyte().dispose()
  expect(watches.map((w) => w.peak)).toEqual([2 * mebi, 3 * mebi])
  expect(tf.engine().state.tensorInfo).toBe(entries)
})

it('sees the peak inside of an operation that is made of others', () => {
  using watch = watchPeak()
  tf.tidy(() => void tf.mean(tf.square(tf.add(megabyte(), megabyte()))))
  expect(watch.peak).toBeGreaterThanOrEqual(4 * mebi)
  expect(watch.peak).toBeLessThan(5 * mebi)
})

import { avgMetric, type Metric, tf } from '@espalier/core'
import { EspalierError } from '@espalier/data'
import { type PictureMetricOptions, picturePair } from './psnr.js'

/** Side and spread of the window, and what keeps quotients finite, as in the paper. */
const [side, sigma, c1, c2] = [11, 1.5, 0.01 ** 2, 0.03 ** 2] as const

/**
 * How alike pictures are in structure, from −1 to 1 for equal ones (Wang et al. 2004): means, spreads and correlation in
 * a Gaussian window of 11 pixels, of each channel by itself, where the window lies inside the picture.
 */
export function ssim({ name = 'ssim', ...options }: PictureMetricOptions = {}): Metric {
  const pair = picturePair('ssim', options)
  return avgMetric((pred, target) => {
    const [x, y] = pair(pred, target)
    const [b, h, w, c] = x.shape
    if (h < side || w < side) {
      throw new EspalierError('metric/size', `ssim: pictures of ${h}×${w} are smaller than its window`, {
        fix: `use pictures of at least ${side}×${side}`,
      })
    }
    // All five maps of all channels at once, as pictures of one channel.
    const maps = tf.stack([x, y, tf.square(x), tf.square(y), tf.mul(x, y)])
    const planes = tf.reshape<tf.Rank.R4>(tf.transpose(maps, [0, 1, 4, 2, 3]), [5 * b * c, h, w, 1])
    const seen = tf.conv2d(tf.conv2d(planes, window([side, 1]), 1, 'valid'), window([1, side]), 1, 'valid')
    const [mx, my, xx, yy, xy] = tf.split(seen, 5) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]
    const both = tf.mul(mx, my)
    const squares = tf.add(tf.square(mx), tf.square(my))
    const spreads = tf.sub(tf.add(xx, yy), squares)
    const top = tf.mul(tf.add(tf.mul(both, 2), c1), tf.add(tf.mul(tf.sub(xy, both), 2), c2))
    return tf.mean(tf.div(top, tf.mul(tf.add(squares, c1), tf.add(spreads, c2))))
  }, name)
}

function window([height, width]: readonly [number, number]): tf.Tensor4D {
  const bell = Array.from({ length: side }, (_, i) =>
    Math.exp(-((i - (side - 1) / 2) ** 2) / (2 * sigma ** 2)),
  )
  const sum = bell.reduce((a, v) => a + v)
  return tf.tensor4d(
    bell.map((v) => v / sum),
    [height, width, 1, 1],
  )
}

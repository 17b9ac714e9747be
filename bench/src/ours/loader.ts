import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { DataLoader } from '@espalier/data'
import { getImageFiles, ImageDataLoaders, resize } from '@espalier/vision'
import { median, summarizeSteps } from '../statistics.js'
import { resnetStep } from './resnet-step.js'
import type { Found } from './work.js'

/** Which photos are loaded. */
export interface LoaderOptions {
  /** A folder of photos named `BREED_NUMBER.jpg`. */
  readonly images: string
  readonly bs: number
  /** Height and width of what is loaded. */
  readonly size: number
  /** How often an epoch has each photo. */
  readonly times: number
}

const [warmup, epochs] = [1, 5]

/**
 * Epochs of loading, nothing else: as loaders are unless told, and by turns without threads. Then a training step of
 * resnet18, whose images per second the loader has to beat.
 */
export async function loader({ images, bs, size, times }: LoaderOptions): Promise<Found> {
  const photos = await getImageFiles(images)
  const files = Array.from({ length: times }, () => photos).flat()
  const dls = await ImageDataLoaders.fromPathFunc(files, breedOf, {
    bs,
    validPct: 0.01,
    itemTfms: [resize(size)],
  })
  const alone = dls.train.with({ workers: 0 })
  const n = dls.train.length * bs
  const seconds: number[] = []
  const secondsAlone: number[] = []
  const away: number[] = []
  for (let epoch = 0; epoch < warmup + epochs; epoch++) {
    const threaded = await load(dls.train, epoch)
    seconds.push(threaded.seconds)
    away.push(threaded.away)
    secondsAlone.push((await load(alone, epoch)).seconds)
  }
  const step = await resnetStep({ arch: 'resnet18', bs: 64, size: 128, frozen: false })
  return {
    ...summarizeSteps(seconds, warmup, n),
    items: 'images',
    alone_items_per_s: n / median(secondsAlone.slice(warmup)),
    away_s: Math.max(...away),
    training_items_per_s: step.items_per_s,
  }
}

/** An epoch, and for how long this thread was away from its event loop at most. */
async function load(dl: DataLoader, epoch: number): Promise<{ seconds: number; away: number }> {
  const resolution = 1
  const delay = monitorEventLoopDelay({ resolution })
  delay.enable()
  const began = performance.now()
  for await (const _ of dl.batches(epoch));
  const seconds = (performance.now() - began) / 1000
  delay.disable()
  return { seconds, away: delay.max / 1e9 - resolution / 1000 }
}

const breedOf = (path: string) => /([^/\\]+)_\d+\.jpg$/.exec(path)?.[1] ?? ''

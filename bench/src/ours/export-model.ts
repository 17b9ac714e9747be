import {
  augTransforms,
  getImageFiles,
  ImageDataLoaders,
  imagenetStats,
  normalize,
  resize,
  resnet18,
  visionLearner,
} from '@espalier/vision'

/** From where to where. */
export interface ExportOptions {
  /** A folder of photos named `BREED_NUMBER.jpg`. */
  readonly images: string
  /** The folder that becomes the model. */
  readonly to: string
}

/** Exports an untrained classifier of photos. */
export async function exportModel({ images, to }: ExportOptions): Promise<undefined> {
  const dls = await ImageDataLoaders.fromPathFunc(await getImageFiles(images), breedOf, {
    itemTfms: [resize(160)],
    batchTfms: [...augTransforms({ size: 128 }), normalize(imagenetStats)],
  })
  using learn = await visionLearner(dls, resnet18, { pretrained: false, verbose: false })
  await learn.export(to)
}

const breedOf = (path: string) => /([^/\\]+)_\d+\.jpg$/.exec(path)?.[1] ?? ''

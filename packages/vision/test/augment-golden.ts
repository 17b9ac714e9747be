import type { Difference, GoldenCase } from '@espalier/testkit'
import { augTransformsList } from './golden/aug-list.js'
import { erasingRows } from './golden/erasing.js'
import { itemTransformCase } from './golden/item-transforms.js'
import { hsvCase, lightingCase, normalizeCase } from './golden/light.js'
import { matrixRows, warpRows } from './golden/matrices.js'
import { pointsCase, randomResizedCropGpuCase, spatialCase } from './golden/spatial.js'

type Run = (golden: GoldenCase) => readonly Difference[] | Promise<readonly Difference[]>

/** Who checks which case of topic `vision/augment`, by its name: the first that matches. */
const runs: readonly (readonly [RegExp, Run])[] = [
  [/^affine_matrices/, matrixRows],
  [/^warp_coefficients/, warpRows],
  [/^(apply|combo)_/, spatialCase],
  [/^random_resized_crop_gpu/, randomResizedCropGpuCase],
  [/^(brightness|contrast|saturation|hue|lighting)/, lightingCase],
  [/^hsv/, hsvCase],
  [/^points_boxes/, pointsCase],
  [/^random_erasing/, erasingRows],
  [/^normalize/, normalizeCase],
  [/^aug_transforms_list/, augTransformsList],
  [/^(resize_|crop_pad|random_resized_crop)/, itemTransformCase],
]

/** Checks a case of topic `vision/augment` on the current engine; undefined for one that is not of this package's. */
export async function checkAugmentCase(golden: GoldenCase): Promise<readonly Difference[] | undefined> {
  return runs.find(([pattern]) => pattern.test(golden.json.case))?.[1](golden)
}

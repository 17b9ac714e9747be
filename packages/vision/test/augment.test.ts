import { useEngine } from '@espalier/core'
import { caseNames, goldenFolder, readCase } from '@espalier/testkit'
import { beforeAll, describe, expect, it } from 'vitest'
import { checkAugmentCase } from './augment-golden.js'

const topic = 'vision/augment'
/** Cases of callbacks, losses and learners, which core has. */
const elsewhere = /^(cutmix|mixup|label_smoothing|tta)/

for (const engine of ['cpu', 'wasm'] as const) {
  describe(`augmentation agrees with fastai on ${engine}`, () => {
    beforeAll(async () => {
      await useEngine(engine)
    })
    for (const name of caseNames(goldenFolder, topic).filter((n) => !elsewhere.test(n))) {
      it(name, async () => {
        const differences = await checkAugmentCase(readCase(goldenFolder, topic, name))
        expect(differences?.length, 'comparisons').toBeGreaterThan(0)
        expect(differences?.filter((d) => !d.ok).map((d) => d.message)).toEqual([])
      })
    }
  })
}

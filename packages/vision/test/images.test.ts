import { caseNames, goldenFolder, readCase } from '@espalier/testkit'
import { describe, expect, it } from 'vitest'
import { checkImageCase } from './image-golden.js'

const topic = 'vision/images'

describe('pictures in files agree with Pillow and fastai', () => {
  for (const name of caseNames(goldenFolder, topic)) {
    it(name, async () => {
      const differences = await checkImageCase(
        readCase(goldenFolder, topic, name),
        `${goldenFolder}/${topic}`,
      )
      expect(differences?.length).toBeGreaterThan(0)
      expect(differences?.filter((d) => !d.ok).map((d) => d.message)).toEqual([])
    })
  }
})

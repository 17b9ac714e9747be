import { expect, it } from 'vitest'
import { classificationReport } from './classification-report.js'

// The example in scikit-learn's documentation: true 0 1 2 2 2, predicted 0 0 2 2 1.
const matrix = [
  [1, 0, 0],
  [1, 0, 0],
  [0, 1, 2],
]

it('is laid out as scikit-learn prints it', () => {
  const report = classificationReport(matrix, ['class 0', 'class 1', 'class 2'])
  expect(report.toText()).toBe(`\
              precision    recall  f1-score   support

     class 0       0.50      1.00      0.67         1
     class 1       0.00      0.00      0.00         1
     class 2       1.00      0.67      0.80         3

    accuracy                           0.60         5
   macro avg       0.50      0.56      0.49         5
weighted avg       0.70      0.60      0.61         5
`)
  expect(report.toText({ digits: 4 })).toContain('   macro avg     0.5000    0.5556    0.4889         5')
})

it('is numbers too', () => {
  const { classes, accuracy, macroAvg, weightedAvg } = classificationReport(matrix, ['a', 'b', 'c'])
  expect(classes[0]).toEqual({ label: 'a', precision: 0.5, recall: 1, f1: 2 / 3, support: 1 })
  expect(classes[1]).toEqual({ label: 'b', precision: 0, recall: 0, f1: 0, support: 1 })
  expect(accuracy).toBe(0.6)
  expect(macroAvg.recall).toBeCloseTo(5 / 9)
  expect(weightedAvg).toEqual({
    precision: expect.closeTo(0.7),
    recall: expect.closeTo(0.6),
    f1: expect.closeTo(0.6133333),
    support: 5,
  })
})

it('makes room for long names, lets none drive the terminal, and rounds halves as Python does', () => {
  const lines = classificationReport(
    [
      [1, 7],
      [0, 8],
    ],
    ['a cat with a very long name', 'dog\u001b[2J\n'],
  )
    .toText()
    .split('\n')
  expect(lines[0]).toBe(`${' '.repeat(27)}  precision    recall  f1-score   support`)
  expect(lines[2]).toBe('a cat with a very long name       1.00      0.12      0.22         8')
  expect(lines[3]).toMatch(/^ +dog�\[2J {8}0\.53 {6}1\.00/)
  expect(new Set([0, 2, 3, 5, 6, 7].map((i) => lines[i]!.length)).size).toBe(1)
})

it('has only zeros where there is nothing', () => {
  const { accuracy, weightedAvg } = classificationReport(
    [
      [0, 0],
      [0, 0],
    ],
    ['a', 'b'],
  )
  expect([accuracy, weightedAvg]).toEqual([0, { precision: 0, recall: 0, f1: 0, support: 0 }])
})

import { expect, it } from 'vitest'
import { Frame } from '../frame/frame.js'
import { addDatepart } from './add-datepart.js'
import { addElapsedTimes } from './add-elapsed-times.js'

it('counts days since and until events, for each base by itself', () => {
  const frame = Frame.fromColumns({
    date: ['2019-12-04', '2019-11-29', '2019-11-15', '2019-10-24', '2019-12-01'],
    event: [false, true, false, true, true],
    base: [1, 1, 2, 2, 2],
  })
  const made = addElapsedTimes(frame, 'event', 'date', 'base')
  expect(made.names).toEqual(['date', 'event', 'base', 'Afterevent', 'Beforeevent', 'event_bw', 'event_fw'])
  expect(made.column('Afterevent').values()).toEqual([5, 0, 22, 0, 0])
  expect(made.column('Beforeevent').values()).toEqual([0, 0, -16, 0, 0])
  expect(made.column('event_bw').values()).toEqual([1, 1, 1, 1, 2])
  expect(made.column('event_fw').values()).toEqual([0, 1, 1, 2, 1])
})

it('sums events over seven rows', () => {
  const date = Array.from({ length: 9 }, (_, i) => new Date(Date.UTC(2020, 0, 1 + i)))
  const frame = Frame.fromColumns({ date, e: date.map(() => 1), base: date.map(() => 'a') })
  const made = addElapsedTimes(frame, ['e'], 'date', 'base')
  expect(made.column('e_bw').values()).toEqual([1, 2, 3, 4, 5, 6, 7, 7, 7])
  expect(made.column('e_fw').values()).toEqual([7, 7, 7, 6, 5, 4, 3, 2, 1])
})

it('knows the weeks of ISO 8601 and the ends of quarters', () => {
  const date = ['2021-01-03', '2021-01-04', '2020-12-31', '2024-03-31', '2024-02-29', null]
  const parts = addDatepart(Frame.fromColumns({ date }), 'date', { drop: false })
  expect(parts.names[1]).toBe('Year')
  expect(parts.column('Week').values()).toEqual([53, 1, 53, 13, 9, null])
  expect(parts.column('Is_quarter_end').values()).toEqual([false, false, true, true, false, false])
  expect(parts.column('Elapsed').at(5)).toBeNull()
})

it('reads dates in the form that is said, and names those in another', () => {
  const frame = Frame.fromColumns({ d: ['1.2.2020', '29.2.2020'] })
  expect(addDatepart(frame, 'd', { form: 'DD.MM.YYYY' }).column('dMonth').values()).toEqual([2, 2])
  expect(() => addDatepart(Frame.fromColumns({ d: ['2020-01-01', '02/01/2020'] }), 'd')).toThrow(
    "row 1 holds '02/01/2020' in column 'd', which is no date such as 2020-01-31",
  )
  expect(() => addDatepart(frame, 'd', { form: 'DD.MM' })).toThrow("'DD.MM' is no form of a date")
  expect(() => addDatepart(Frame.fromColumns({ d: [1] }), 'd')).toThrow(
    "column 'd' holds number 1, not dates",
  )
})

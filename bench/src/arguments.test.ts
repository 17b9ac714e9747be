import { expect, it } from 'vitest'
import { parseArguments } from './arguments.js'
import { listTasks, taskOf, tasks } from './tasks/tasks.js'

it('reads task and options; a thread for each core and three pairs unless told otherwise', () => {
  expect(parseArguments([], 6)).toEqual({
    task: undefined,
    json: undefined,
    runs: 3,
    threads: 6,
    alone: false,
  })
  const args = ['start', '--json', 'out/x.json', '--runs', '5', '--threads', '2', '--alone']
  expect(parseArguments(args, 6)).toEqual({
    task: 'start',
    json: 'out/x.json',
    runs: 5,
    threads: 2,
    alone: true,
  })
})

it.each([
  [['--runs', '0'], "--runs takes a whole number ≥ 1, got '0'"],
  [['--runs', '1.5'], "got '1.5'"],
  [['--threads', 'many'], "--threads takes a whole number ≥ 1, got 'many'"],
  [['start', 'overhead'], 'one task at a time, got start, overhead'],
  [['--run', '3'], "Unknown option '--run'"],
])('refuses %j, and says how it is used', (args, message) => {
  expect(() => parseArguments(args)).toThrow(message)
  expect(() => parseArguments(args)).toThrow('pnpm bench [TASK]')
})

it('lists the tasks, and names them where one is unknown', () => {
  expect(listTasks().split('\n')).toHaveLength(Object.keys(tasks).length)
  for (const name of Object.keys(tasks)) expect(taskOf(name)).toBe(tasks[name])
  for (const name of ['resnet', 'toString'])
    expect(() => taskOf(name)).toThrow(/there is no task '\w+'\n {2}→ one of resnet34-224, /)
})

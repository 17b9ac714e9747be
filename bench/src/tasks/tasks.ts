import { EspalierError } from '@espalier/data'
import type { Task } from '../task.js'
import { loader } from './loader.js'
import { overhead } from './overhead.js'
import { resnetTask } from './resnet.js'
import { smallOps } from './small-ops.js'
import { start } from './start.js'

/** All tasks by name. */
export const tasks: Readonly<Record<string, Task>> = {
  'resnet34-224': resnetTask('resnet34-224', { arch: 'resnet34', bs: 16, size: 224, frozen: false }),
  'resnet34-224-frozen': resnetTask('resnet34-224', { arch: 'resnet34', bs: 16, size: 224, frozen: true }),
  'resnet18-128': resnetTask('resnet18-128', { arch: 'resnet18', bs: 64, size: 128, frozen: false }),
  start,
  loader,
  overhead,
  'small-ops': smallOps,
}

/** The task of a name. */
export function taskOf(name: string): Task {
  const task = Object.hasOwn(tasks, name) ? tasks[name] : undefined
  if (task) return task
  throw new EspalierError('bench/task', `there is no task '${name}'`, {
    fix: `one of ${Object.keys(tasks).join(', ')}`,
  })
}

/** A line for each task. */
export function listTasks(): string {
  return Object.entries(tasks)
    .map(([name, { about }]) => `${name.padEnd(20)} ${about}`)
    .join('\n')
}

import { EspalierError } from '@espalier/data'
import type { Task } from '../task.js'
import { learnedTask } from './learned.js'
import { loader } from './loader.js'
import { overhead } from './overhead.js'
import { resnetTask } from './resnet.js'
import { smallOps } from './small-ops.js'
import { start } from './start.js'
import { collabTask, tabularTask } from './tabular.js'
import { clasTask, lmTask } from './text.js'
import { tokenize } from './tokenize.js'

/** All tasks by name. */
export const tasks: Readonly<Record<string, Task>> = {
  'resnet34-224': resnetTask('resnet34-224', { arch: 'resnet34', bs: 16, size: 224, frozen: false }),
  'resnet34-224-frozen': resnetTask('resnet34-224', { arch: 'resnet34', bs: 16, size: 224, frozen: true }),
  'resnet18-128': resnetTask('resnet18-128', { arch: 'resnet18', bs: 64, size: 128, frozen: false }),
  'pets-e2e': learnedTask('pets-e2e', {
    about: 'an epoch of resnet18 on 296 photos of pets at 128 px, from files to weights',
    only: { num_workers: '0' },
  }),
  'unet-camvid': learnedTask('unet-camvid', {
    about: 'an epoch of a U-Net on resnet18, 64 photos of streets of 180 × 240',
    only: { layout: 'channels_last' },
  }),
  start,
  loader,
  'lm-full': lmTask('full', 'a step of an AWD-LSTM 400/1152/3 on 32 × 72 tokens'),
  'lm-small': lmTask('small', 'a step of an AWD-LSTM 200/400/2 on 32 × 72 tokens'),
  clas: clasTask,
  tokenize,
  'tabular-64': tabularTask(64),
  'tabular-1024': tabularTask(1024),
  collab: collabTask,
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

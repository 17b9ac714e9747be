import { beforeAll, describe, expect, it } from 'vitest'
import { useEngine } from '../engine/engine.js'
import { stateDict } from '../io/state-dict.js'
import { Identity, ReLU, ReLU6, Sigmoid, SigmoidRange, Tanh } from './activations.js'
import { BatchNorm } from './batch-norm.js'
import { convLayer } from './conv-layer.js'
import { ConvTranspose2d } from './conv-transpose2d.js'
import { Conv2d } from './conv2d.js'
import { Dropout } from './dropout.js'
import { Embedding } from './embedding.js'
import { Flatten } from './flatten.js'
import { InstanceNorm2d } from './instance-norm.js'
import { linBnDrop } from './lin-bn-drop.js'
import { Linear } from './linear.js'
import type { AnyModule } from './module.js'
import { AdaptiveAvgPool2d, AdaptiveConcatPool2d, AdaptiveMaxPool2d, AvgPool2d, MaxPool2d } from './pools.js'
import { Sequential, sequential } from './sequential.js'

beforeAll(async () => {
  await useEngine('cpu')
})

/** What PyTorch 2.15 and fastai 2.8.12 print, and the names and shapes of their state dicts. */
const forms: readonly (readonly [() => AnyModule, printed: string, state: readonly string[]])[] = [
  [() => new Linear(3, 2), 'Linear(in_features=3, out_features=2, bias=True)', ['weight [2,3]', 'bias [2]']],
  [
    () => new Linear(3, 2, { bias: false }),
    'Linear(in_features=3, out_features=2, bias=False)',
    ['weight [2,3]'],
  ],
  [
    () => new Conv2d(3, 8, 3, { stride: 2, padding: 1, bias: false }),
    'Conv2d(3, 8, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), bias=False)',
    ['weight [8,3,3,3]'],
  ],
  [
    () => new Conv2d(4, 8, [3, 5], { dilation: 2, groups: 2 }),
    'Conv2d(4, 8, kernel_size=(3, 5), stride=(1, 1), dilation=(2, 2), groups=2)',
    ['weight [8,2,3,5]', 'bias [8]'],
  ],
  [
    () => new ConvTranspose2d(4, 6, 3, { stride: 2, padding: 1, groups: 2 }),
    'ConvTranspose2d(4, 6, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), groups=2)',
    ['weight [4,3,3,3]', 'bias [6]'],
  ],
  [
    () => new BatchNorm(5, { ndim: 1 }),
    'BatchNorm1d(5, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)',
    ['weight [5]', 'bias [5]', 'running_mean [5]', 'running_var [5]', 'num_batches_tracked []'],
  ],
  [
    () => new BatchNorm(5, { eps: 1e-3, momentum: 0.01 }),
    'BatchNorm2d(5, eps=0.001, momentum=0.01, affine=True, bias=True, track_running_stats=True)',
    ['weight [5]', 'bias [5]', 'running_mean [5]', 'running_var [5]', 'num_batches_tracked []'],
  ],
  [
    () => new InstanceNorm2d(4),
    'InstanceNorm2d(4, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=False)',
    ['weight [4]', 'bias [4]'],
  ],
  [() => new Dropout(0.25), 'Dropout(p=0.25, inplace=False)', []],
  [() => new Dropout(1), 'Dropout(p=1.0, inplace=False)', []],
  [() => new Embedding(10, 4), 'Embedding(10, 4)', ['weight [10,4]']],
  [() => new ReLU(), 'ReLU()', []],
  [() => new ReLU({ inplace: true }), 'ReLU(inplace=True)', []],
  [() => new ReLU6({ inplace: true }), 'ReLU6(inplace=True)', []],
  [() => new Sigmoid(), 'Sigmoid()', []],
  [() => new Tanh(), 'Tanh()', []],
  [() => new Identity(), 'Identity()', []],
  [() => new SigmoidRange(0, 5), 'SigmoidRange(low=0, high=5)', []],
  [() => new Flatten(), 'Flatten(full=False)', []],
  [
    () => new MaxPool2d(3, { stride: 2, padding: 1 }),
    'MaxPool2d(kernel_size=3, stride=2, padding=1, dilation=1, ceil_mode=False)',
    [],
  ],
  [
    () => new MaxPool2d([2, 3], { ceilMode: true }),
    'MaxPool2d(kernel_size=(2, 3), stride=(2, 3), padding=0, dilation=1, ceil_mode=True)',
    [],
  ],
  [() => new AvgPool2d(2), 'AvgPool2d(kernel_size=2, stride=2, padding=0)', []],
  [() => new AvgPool2d(3, { stride: 2, padding: 1 }), 'AvgPool2d(kernel_size=3, stride=2, padding=1)', []],
  [() => new AdaptiveAvgPool2d(1), 'AdaptiveAvgPool2d(output_size=1)', []],
  [() => new AdaptiveMaxPool2d([2, 3]), 'AdaptiveMaxPool2d(output_size=(2, 3))', []],
  [
    () => new AdaptiveConcatPool2d(1),
    `AdaptiveConcatPool2d(
  (ap): AdaptiveAvgPool2d(output_size=1)
  (mp): AdaptiveMaxPool2d(output_size=1)
)`,
    [],
  ],
  [
    () => convLayer(3, 8),
    `ConvLayer(
  (0): Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1), bias=False)
  (1): BatchNorm2d(8, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)
  (2): ReLU()
)`,
    [
      '0.weight [8,3,3,3]',
      '1.weight [8]',
      '1.bias [8]',
      '1.running_mean [8]',
      '1.running_var [8]',
      '1.num_batches_tracked []',
    ],
  ],
  [
    () => convLayer(3, 4, { normType: 'weight' }),
    `ConvLayer(
  (0): Conv2d(3, 4, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
  (1): ReLU()
)`,
    ['0.bias [4]', '0.weight_g [4,1,1,1]', '0.weight_v [4,3,3,3]'],
  ],
  [
    () => convLayer(3, 4, { normType: 'spectral' }),
    `ConvLayer(
  (0): Conv2d(3, 4, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
  (1): ReLU()
)`,
    ['0.bias [4]', '0.weight_orig [4,3,3,3]', '0.weight_u [4]', '0.weight_v [27]'],
  ],
  [
    () => convLayer(3, 4, { transpose: true }),
    `ConvLayer(
  (0): ConvTranspose2d(3, 4, kernel_size=(3, 3), stride=(1, 1), bias=False)
  (1): BatchNorm2d(4, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)
  (2): ReLU()
)`,
    [
      '0.weight [3,4,3,3]',
      '1.weight [4]',
      '1.bias [4]',
      '1.running_mean [4]',
      '1.running_var [4]',
      '1.num_batches_tracked []',
    ],
  ],
  [
    () => convLayer(3, 4, { transpose: true, normType: 'weight', stride: 2, padding: 1, outputPadding: 1 }),
    `ConvLayer(
  (0): ConvTranspose2d(3, 4, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), output_padding=(1, 1))
  (1): ReLU()
)`,
    ['0.bias [4]', '0.weight_g [3,1,1,1]', '0.weight_v [3,4,3,3]'],
  ],
  [
    () => convLayer(3, 4, { transpose: true, normType: 'spectral', act: null }),
    `ConvLayer(
  (0): ConvTranspose2d(3, 4, kernel_size=(3, 3), stride=(1, 1))
)`,
    ['0.bias [4]', '0.weight_orig [3,4,3,3]', '0.weight_u [4]', '0.weight_v [27]'],
  ],
  [
    () => convLayer(3, 4, { ndim: 1, ks: 5, stride: 2, normType: 'instance' }),
    `ConvLayer(
  (0): Conv1d(3, 4, kernel_size=(5,), stride=(2,), padding=(2,), bias=False)
  (1): InstanceNorm1d(4, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=False)
  (2): ReLU()
)`,
    ['0.weight [4,3,5]', '1.weight [4]', '1.bias [4]'],
  ],
  [
    () => convLayer(4, 6, { ndim: 1, transpose: true, groups: 2, normType: null }),
    `ConvLayer(
  (0): ConvTranspose1d(4, 6, kernel_size=(3,), stride=(1,), groups=2)
  (1): ReLU()
)`,
    ['0.weight [4,3,3]', '0.bias [6]'],
  ],
  [
    () => linBnDrop(8, 4, { p: 0.5, act: new ReLU() }),
    `LinBnDrop(
  (0): BatchNorm1d(8, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)
  (1): Dropout(p=0.5, inplace=False)
  (2): Linear(in_features=8, out_features=4, bias=False)
  (3): ReLU()
)`,
    [
      '0.weight [8]',
      '0.bias [8]',
      '0.running_mean [8]',
      '0.running_var [8]',
      '0.num_batches_tracked []',
      '2.weight [4,8]',
    ],
  ],
  [
    () => sequential(new Linear(2, 2), new Sequential<[never], unknown>([new ReLU(), new Linear(2, 1)])),
    `Sequential(
  (0): Linear(in_features=2, out_features=2, bias=True)
  (1): Sequential(
    (0): ReLU()
    (1): Linear(in_features=2, out_features=1, bias=True)
  )
)`,
    ['0.weight [2,2]', '0.bias [2]', '1.1.weight [1,2]', '1.1.bias [1]'],
  ],
]

describe('modules are printed and named as in torch', () => {
  it.each(forms)('%#: %s', (make, printed, state) => {
    using module = make()
    expect(module.toString()).toBe(printed)
    expect([...stateDict(module)].map(([name, { shape }]) => `${name} [${shape}]`)).toEqual(state)
  })
})

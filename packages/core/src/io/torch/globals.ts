import { EspalierError } from '@espalier/data'
import { quoted } from '../quoted.js'
import { PickleGlobal, PickleObject, pickleError, Tuple } from './pickle-values.js'
import { dtypes, storageKinds } from './storage-kinds.js'
import { TorchTensor } from './torch-tensor.js'

/**
 * What a name in a torch file stands for. The list is closed: tensors and how they are rebuilt, the containers
 * of state dicts, and a few values that stand beside them. Throws `torch/forbidden` on any other name.
 */
export function torchGlobal(module: string, name: string): PickleGlobal {
  const global = globals.get(`${module}.${name}`)
  if (global) return global
  throw new EspalierError(
    'torch/forbidden',
    `this file asks Python for ${quoted(`${module}.${name}`)}, which is more than tensors; nothing of it was run`,
    {
      fix: 'if you trust it, load it in Python and torch.save(model.state_dict(), "weights.pth"); else delete it',
    },
  )
}

type Make = (args: readonly unknown[]) => unknown

const functions: Readonly<Record<string, Make>> = {
  'collections.OrderedDict': orderedDict,
  'torch._utils._rebuild_tensor': ([storage, offset, size, stride]) =>
    TorchTensor.from(storage, offset, size, stride),
  'torch._utils._rebuild_tensor_v2': ([storage, offset, size, stride]) =>
    TorchTensor.from(storage, offset, size, stride),
  'torch._utils._rebuild_tensor_v3': ([storage, offset, size, stride, , , dtype]) =>
    TorchTensor.from(storage, offset, size, stride, nameOf(dtype)),
  // A parameter is its tensor; whether it wants gradients, and its hooks, are not weights.
  'torch._utils._rebuild_parameter': ([tensor]) => tensor,
  'torch._utils._rebuild_parameter_with_state': ([tensor]) => tensor,
  // A tensor with attributes: (function, class, arguments, attributes).
  'torch._tensor._rebuild_from_type_v2': rebuildFromType,
  // What optimizer states and checkpoints hold beside the weights: read, and left aside.
  'torch.Size': ([sizes]) => (sizes instanceof Tuple ? sizes : new Tuple([])),
  'torch.device': () => new PickleObject('torch.device'),
  // fastai's `learn.save` writes its hyper-parameters as one of these.
  'fastcore.foundation.L': () => new PickleObject('fastcore.foundation.L'),
}

const globals: ReadonlyMap<string, PickleGlobal> = new Map([
  ...Object.entries(functions).map(([name, make]) => [name, new PickleGlobal(name, make)] as const),
  ...[...storageKinds.keys(), ...dtypes.keys(), 'torch.Tensor', 'torch.nn.parameter.Parameter'].map(
    (name) => [name, new PickleGlobal(name)] as const,
  ),
])

/** `OrderedDict()`, or of a list of pairs. */
function orderedDict([items]: readonly unknown[]): Map<unknown, unknown> {
  const dict = new Map<unknown, unknown>()
  for (const item of Array.isArray(items) ? items : []) {
    const pair = item instanceof Tuple ? item.items : item
    if (!Array.isArray(pair) || pair.length !== 2)
      throw pickleError('an OrderedDict is made of what is not pairs')
    dict.set(pair[0], pair[1])
  }
  return dict
}

function rebuildFromType([rebuild, , args]: readonly unknown[]): unknown {
  if (!(rebuild instanceof PickleGlobal) || !rebuild.make || !(args instanceof Tuple)) {
    throw pickleError('a tensor with attributes is rebuilt by what is no function')
  }
  return rebuild.make(args.items)
}

function nameOf(dtype: unknown): string {
  if (!(dtype instanceof PickleGlobal)) throw pickleError('a tensor has a dtype that is no name')
  return dtype.name
}

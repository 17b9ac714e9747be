import { EspalierError, listed } from '@espalier/data'
import { quoted } from '../quoted.js'
import { TorchTensor } from './torch-tensor.js'

/** What checkpoints call the weights when they hold something else too. */
const usual = ['model', 'state_dict', 'model_state_dict', 'net', 'module']

/**
 * The weights in what a torch file holds: the dict itself, or the one dict in it that holds tensors, or that of
 * several which has a usual name, or the one that `key` names (`ema.state_dict`: dots go deeper). Throws
 * `torch/no-tensors` or `torch/ambiguous` with the names to choose from.
 */
export function stateDictIn(root: unknown, key?: string): ReadonlyMap<string, TorchTensor> {
  if (key !== undefined) {
    const tensors = tensorsOf(key.split('.').reduce<unknown>(childOf, root))
    if (tensors.size === 0) throw choose('no-tensors', `there are no tensors under ${quoted(key)}`, root)
    return tensors
  }
  const own = tensorsOf(root)
  if (own.size > 0) return own
  const candidates = [...entriesOf(root)].filter(([, value]) => tensorsOf(value).size > 0)
  const named = candidates.filter(([name]) => usual.includes(name))
  const [found, another] = candidates.length > 1 ? named : candidates
  if (found && !another) return tensorsOf(found[1])
  if (candidates.length === 0) throw choose('no-tensors', 'no dict of tensors was found', root)
  throw choose('ambiguous', `${candidates.length} dicts hold tensors`, root)
}

function tensorsOf(value: unknown): Map<string, TorchTensor> {
  const tensors = new Map<string, TorchTensor>()
  for (const [name, tensor] of entriesOf(value)) if (tensor instanceof TorchTensor) tensors.set(name, tensor)
  return tensors
}

function* entriesOf(value: unknown): Generator<[string, unknown]> {
  if (!(value instanceof Map)) return
  for (const [name, item] of value) if (typeof name === 'string') yield [name, item]
}

function childOf(value: unknown, name: string): unknown {
  return value instanceof Map ? value.get(name) : undefined
}

function choose(code: string, problem: string, root: unknown): EspalierError {
  const names = [...entriesOf(root)].map(([name]) => quoted(name))
  const holds = names.length > 0 ? `it holds ${listed(names, 10)}` : 'it is not a dict'
  return new EspalierError(
    `torch/${code}`,
    `which weights of this PyTorch file are meant? ${problem}; ${holds}`,
    {
      fix:
        names.length > 0
          ? `name the dict: { key: ${names[0]} }`
          : 'in Python: torch.save(model.state_dict(), path)',
    },
  )
}

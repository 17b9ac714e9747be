"""What the scripts of this folder share: the formulas of the schema golden/1 for inputs and weights, and cases with
their tolerances. A case is computed twice, in float32 and in float64, and the difference decides the tolerance."""
import json, math, pathlib, struct
import torch
from torch import nn

def mulberry32(seed):
    a = seed & 0xFFFFFFFF
    while True:
        a = (a + 0x6D2B79F5) & 0xFFFFFFFF
        t = ((a ^ (a >> 15)) * (1 | a)) & 0xFFFFFFFF
        t = (t ^ (t + (((t ^ (t >> 7)) * (61 | t)) & 0xFFFFFFFF))) & 0xFFFFFFFF
        yield ((t ^ (t >> 14)) & 0xFFFFFFFF) / 4294967296


def numbers(seed, n, lo, hi):
    g = mulberry32(seed)
    return [lo + next(g) * (hi - lo) for _ in range(n)]


def rand(seed, shape, lo=-1., hi=1., dtype='float32'):
    return dict(kind='prng', seed=seed, shape=list(shape), lo=lo, hi=hi, dtype=dtype)


def input_of(spec):
    """An input as a tensor: float32 or int64."""
    if spec['kind'] == 'value': return torch.tensor(spec['value'])
    values = numbers(spec['seed'], math.prod(spec['shape']), spec['lo'], spec['hi'])
    if spec['dtype'] == 'int64': return torch.tensor([math.floor(v) for v in values]).reshape(spec['shape'])
    return torch.tensor(values, dtype=torch.float64).float().reshape(spec['shape'])


NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.InstanceNorm1d, nn.InstanceNorm2d, nn.LayerNorm)


def rule_of(module, key, tensor):
    owner = module.get_submodule(key.rpartition('.')[0])
    name = key.rpartition('.')[2]
    if name in ('weight_u', 'weight_v') and tensor.dim() == 1: return 'tensor'
    if tensor.dim() >= 2: return 'w'
    known = {'running_mean': 'rm', 'running_var': 'rv', 'num_batches_tracked': 'skip'}
    return known.get(name) or ('nw' if name == 'weight' and isinstance(owner, NORMS) else 'b')


def weight(rule, shape, seed):
    n = math.prod(shape)
    scale = math.sqrt(3 / (n / shape[0]))
    value = {'w': lambda u: (2 * u - 1) * scale, 'nw': lambda u: 1 + .1 * (2 * u - 1), 'rv': lambda u: 1 + .2 * u}.get(rule, lambda u: .1 * (2 * u - 1))
    return torch.tensor([value(u) for u in numbers(seed, n, 0., 1.)], dtype=torch.float64).float().reshape(shape)


def init(module, seed):
    """Gives a module the weights of the formula. Returns what a case says about them, and the tensors it must bring along."""
    entries, brought, values = [], {}, []
    for k, (key, t) in enumerate(module.state_dict().items()):
        rule = rule_of(module, key, t)
        entries.append([key, list(t.shape), rule])
        if rule == 'skip': continue
        if rule == 'tensor':
            w = weight('b', list(t.shape), seed + k)
            w = brought[f'init.{key}'] = w / w.norm()
        else:
            w = weight(rule, list(t.shape), seed + k)
            values.append(w.double().flatten())
        t.copy_(w)
    every = torch.cat(values) if values else torch.zeros(0, dtype=torch.float64)
    check = dict(n_values=len(every), sum=every.sum().item(), abs_sum=every.abs().sum().item())
    return dict(kind='prng', seed=seed, state_dict=entries, check=check), brought


def digits(v):
    return [digits(x) for x in v] if isinstance(v, list) else float(f'{v:.9g}') if isinstance(v, float) else v


class Case:
    """A case under construction."""

    def __init__(self, topic, name, what, made_by, config, inputs=None, tolerance=(1e-4, 1e-5), **more):
        self.json = dict(schema='golden/1', set='dev', topic=topic, case=name, what=what, made_by=made_by, config=config)
        if inputs is not None: self.json['inputs'] = inputs
        self.json.update(more, expected={}, tolerance=dict(rtol=tolerance[0], atol=tolerance[1]))
        self.tensors = {}

    def __setitem__(self, name, value): self.json['expected'][name] = value

    def tensor(self, name, got, reference=None, inline=12):
        """An expected tensor; with a float64 `reference` it gets a tolerance of its own."""
        got = got.detach().float().contiguous()
        want = dict(shape=list(got.shape), dtype='float32')
        if reference is not None:
            difference = (got.double() - reference.detach()).abs().max().item()
            rms = got.double().square().mean().sqrt().item()
            atol = max(2e-4 * rms, 30 * difference, min(1e-6, 1e-3 * rms), 1e-8)
            want.update(f32_vs_f64=float(f'{difference:.2g}'), atol=float(f'{atol:.2g}'))
        if got.numel() <= inline: want['value'] = digits(got.tolist())
        else:
            want['tensor'] = f'out.{name}'
            self.tensors[f'out.{name}'] = got
        self[name] = want

    def write(self, out):
        out = pathlib.Path(out)
        out.mkdir(parents=True, exist_ok=True)
        if self.tensors:
            self.json['tensors_file'] = f"{self.json['case']}.safetensors"
            (out / self.json['tensors_file']).write_bytes(safetensors(self.tensors))
        (out / f"{self.json['case']}.json").write_text(json.dumps(self.json, separators=(',', ':'), allow_nan=False) + '\n')


def safetensors(tensors):
    header, body = {}, b''
    for key, t in tensors.items():
        raw = struct.pack(f'<{t.numel()}f', *t.flatten().tolist())
        header[key] = dict(dtype='F32', shape=list(t.shape), data_offsets=[len(body), len(body) + len(raw)])
        body += raw
    head = json.dumps(header, separators=(',', ':')).encode()
    head += b' ' * (-len(head) % 8)
    return struct.pack('<Q', len(head)) + head + body


def version(module): return module.__version__.split('+')[0]


def write_all(cases, out):
    done = [c.write(out) for c in cases]
    print(len(done), 'cases')

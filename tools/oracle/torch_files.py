#!/usr/bin/env python3
"""Writes the PyTorch files that the reader of weights is tested on, made by torch itself.

    python tools/oracle/torch_files.py testdata/weights

Every readable file has its tensors in expected.json: dtype (as safetensors names it), shape, and the bytes in
row-major order, as hex. The files in hostile/ must be refused; the ones that run something would only print."""
import builtins, io, json, os, pathlib, sys, warnings, zipfile
from collections import OrderedDict
import torch
from torch import nn

OUT = pathlib.Path(sys.argv[1])
EXPECTED = {}
NAMES = {torch.float32: 'F32', torch.float64: 'F64', torch.float16: 'F16', torch.bfloat16: 'BF16', torch.int64: 'I64',
         torch.int32: 'I32', torch.int16: 'I16', torch.int8: 'I8', torch.uint8: 'U8', torch.bool: 'BOOL',
         torch.uint16: 'U16', torch.uint32: 'U32', torch.uint64: 'U64'}


def expected(tensors):
    def one(t):
        flat = t.detach().contiguous().reshape(-1)
        raw = bytes(flat.view(torch.uint8).tolist()) if t.numel() else b''
        return dict(dtype=NAMES[t.dtype], shape=list(t.shape), hex=raw.hex())
    return {k: one(t) for k, t in tensors.items()}


def save(name, obj, tensors=None, **options):
    path = OUT / name
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(obj, path, **options)
    if tensors is not None: EXPECTED[name] = expected(tensors)
    return path


def rezip(name, source, compression, change=lambda name, data: data):
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(OUT / name, 'w', compression) as new:
        for entry in old.namelist():
            if (data := change(entry, old.read(entry))) is not None: new.writestr(zipfile.ZipInfo(entry), data, compression)


def model():
    torch.manual_seed(7)
    m = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(4, 2))
    m.train()(torch.randn(5, 3, 3, 3))
    return m


def dtypes(wide=True):
    values = torch.tensor([0., 1, 2, 3, 100, 7])
    out = {NAMES[d]: values.to(d).reshape(2, 3) for d in NAMES if wide or d not in (torch.uint16, torch.uint32, torch.uint64)}
    out['negative'] = torch.tensor([-1, -2**40, 2**62])
    out['special'] = torch.tensor([float('nan'), float('inf'), -float('inf'), -0.0, 1e-45])
    out['half'] = torch.tensor([65504, -6e-8, float('inf')], dtype=torch.float16)
    out['scalar'] = torch.tensor(3.5)
    out['empty'] = torch.zeros(0, 3)
    return out


def views():
    base = torch.arange(24, dtype=torch.float32)
    grid = base.reshape(4, 6)
    return {
        'base': base, 'grid': grid, 'same': base, 'tail': base[20:], 'transposed': grid.t(), 'column': grid[:, 2],
        'window': grid[1:3, 2:5], 'every_other': base[1::2], 'cube': base.reshape(2, 3, 4).permute(2, 0, 1),
        'expanded': base[3:5].unsqueeze(0).expand(3, 2), 'channels_last': torch.arange(36.).reshape(1, 4, 3, 3).contiguous(memory_format=torch.channels_last),
        'element': base[17], 'half_view': grid.half().t(), 'bytes': torch.arange(12, dtype=torch.uint8).reshape(3, 4).t(),
    }


def readable():
    sd = model().state_dict()
    for kind, new in (('zip', True), ('legacy', False)):
        o = dict(_use_new_zipfile_serialization=new)
        save(f'{kind}/state-dict.pth', sd, sd, **o)
        save(f'{kind}/dtypes.pth', dtypes(), dtypes(), **o)
        save(f'{kind}/views.pth', (v := views()), v, **o)
        for protocol in (3, 4, 5): save(f'{kind}/protocol-{protocol}.pth', sd, sd, pickle_protocol=protocol, **o)
    m = model()
    m.weight = nn.Parameter(torch.ones(2))
    named = torch.ones(3)
    named.note = 'a tensor with an attribute'
    params = dict(OrderedDict(m.named_parameters()), named=named)
    save('parameters.pt', params, params)
    opt = torch.optim.AdamW(m.parameters())
    m(torch.randn(5, 3, 3, 3)).sum().backward(); opt.step()
    sd = m.state_dict()
    save('checkpoint.pth', dict(epoch=3, best=0.25, arch='tiny', state_dict=sd, optimizer=opt.state_dict(), size=torch.Size([3, 3]),
                                device=torch.device('cpu'), history=[1.5, None, True, 2**70, -5, 'é', ('a', {'b': 2})]), sd)
    save('two-dicts.pth', dict(student={'w': torch.ones(2)}, ema={'inner': {'w': torch.zeros(2)}, 'w': torch.full((2,), 2.)}))
    save('one-tensor.pth', torch.ones(3))
    save('complex.pth', {'a': torch.ones(2), 'z': torch.ones(2, dtype=torch.complex64)})
    path = OUT / 'zip/state-dict.pth'
    rezip('zip/deflated.pth', path, zipfile.ZIP_DEFLATED)
    EXPECTED['zip/deflated.pth'] = EXPECTED['zip/state-dict.pth']
    rezip('big-endian.pth', path, zipfile.ZIP_STORED, lambda n, b: b'big' if n.endswith('/byteorder') else b)


def fastai():
    from fastai.test_utils import synth_learner
    torch.manual_seed(3)
    learn = synth_learner(path=OUT, model_dir='.')
    learn.fit(1)
    learn.save('fastai')
    EXPECTED['fastai.pth'] = expected(learn.model.state_dict())


class Call:
    def __init__(self, f, *args): self.f, self.args = f, args
    def __reduce__(self): return self.f, self.args


def hostile():
    w = torch.ones(2)
    harmless = 'print("this file ran something")'
    save('hostile/os-system.pth', {'w': w, 'x': Call(os.system, 'echo this file ran something')})
    save('hostile/eval.pth', {'x': Call(builtins.eval, harmless), 'w': w})
    save('hostile/eval-legacy.pth', {'x': Call(builtins.eval, harmless), 'w': w}, _use_new_zipfile_serialization=False)
    save('hostile/getattr.pth', {'x': Call(getattr, w, 'numpy'), 'w': w})
    save('hostile/whole-model.pth', nn.Linear(2, 1))
    save('hostile/numpy.pth', {'w': w, 'x': w.numpy()})
    script = io.BytesIO()
    torch.jit.save(torch.jit.trace(nn.Linear(2, 1), torch.ones(1, 2)), script)
    # Without the debug entries, which name the folders of the machine.
    rezip('hostile/script.pt', script, zipfile.ZIP_DEFLATED, lambda n, b: None if n.endswith('.debug_pkl') else b)
    big = io.BytesIO()
    torch.save({'w': torch.zeros(20 * 2**20)}, big)
    rezip('hostile/bomb.pth', big, zipfile.ZIP_DEFLATED)


warnings.simplefilter('ignore')
readable(); fastai(); hostile()
lines = [f'{json.dumps(name)}: {json.dumps(EXPECTED[name])}' for name in sorted(EXPECTED)]
(OUT / 'expected.json').write_text('{\n' + ',\n'.join(lines) + '\n}\n')
print(len(EXPECTED), 'readable files,', sum(f.stat().st_size for f in OUT.rglob('*') if f.is_file()), 'bytes')

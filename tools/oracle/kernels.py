#!/usr/bin/env python3
"""Writes the golden cases of topic `kernels`: what torch computes, forward and backward, for every kernel contract.

    python tools/oracle/kernels.py testdata/golden/kernels

One case per configuration, in the schema golden/1. Layout is ours: images [b, h, w, c], convolution filters
[kh, kw, cIn / groups, cOut]. Inputs follow the formula of the schema, `r` is what the output is multiplied with
before it is summed to a loss, and `grad.<input>` are that loss's gradients."""
import json, pathlib, sys
import torch, torch.nn.functional as F

def mulberry32(seed):
    a = seed & 0xFFFFFFFF
    while True:
        a = (a + 0x6D2B79F5) & 0xFFFFFFFF
        t = ((a ^ (a >> 15)) * (1 | a)) & 0xFFFFFFFF
        t = (t ^ (t + (((t ^ (t >> 7)) * (61 | t)) & 0xFFFFFFFF))) & 0xFFFFFFFF
        yield ((t ^ (t >> 14)) & 0xFFFFFFFF) / 4294967296

def prng(spec):
    g = mulberry32(spec['seed'])
    n = 1
    for d in spec['shape']: n *= d
    lo, hi = spec['lo'], spec['hi']
    vals = [lo + next(g) * (hi - lo) for _ in range(n)]
    if spec['dtype'] == 'int64': return torch.tensor([int(v // 1) for v in vals]).reshape(spec['shape'])
    return torch.tensor(vals, dtype=torch.float64).reshape(spec['shape'])

SEED = [1000]
def rand(shape, lo=-1.0, hi=1.0, dtype='float32'):
    SEED[0] += 1
    return dict(kind='prng', seed=SEED[0], shape=list(shape), lo=lo, hi=hi, dtype=dtype)
def ints(shape, n): return rand(shape, 0, n, 'int64')
def value(v): return dict(kind='value', value=v)

nchw = lambda t: t.permute(0, 3, 1, 2)
nhwc = lambda t: t.permute(0, 2, 3, 1)
oihw = lambda w: w.permute(3, 2, 0, 1)

CASES = []
def case(name, op, inputs, fn, grads, options=None, what='', tol=(1e-4, 2e-5), kinks=False):
    """fn(tensors in float64) -> dict of outputs; the first one is multiplied with r for the gradients."""
    ts = {}
    for k, s in inputs.items():
        t = prng(s) if s['kind'] == 'prng' else torch.tensor(s['value'])
        if t.dtype == torch.float64 or t.dtype == torch.float32: t = t.to(torch.float32).to(torch.float64)   # what the engine sees
        ts[k] = t.requires_grad_(k in grads)
    out = fn(**ts)
    first = next(iter(out.values()))
    expected = {k: v for k, v in out.items()}
    if grads:
        inputs = dict(inputs, r=rand(first.shape))
        r = prng(inputs['r']).to(torch.float32).to(torch.float64)
        gs = torch.autograd.grad((first * r).sum(), [ts[g] for g in grads])
        expected.update({f'grad.{g}': d for g, d in zip(grads, gs)})
    tensor = lambda t: dict(shape=list(t.shape), dtype='float32', value=json.loads(json.dumps(round_(t.detach().tolist()))))
    CASES.append(dict(schema='golden/1', set='dev', topic='kernels', case=name, what=what or f'torch {op}, forward and backward in float64',
        made_by=f'torch {torch.__version__.split("+")[0]}', config=dict(op=op, options=options or {}, grads=list(grads), **({'kinks': True} if kinks else {})), inputs=inputs,
        expected={k: tensor(v) for k, v in expected.items()}, tolerance=dict(rtol=tol[0], atol=tol[1])))

def round_(v): return [round_(x) for x in v] if isinstance(v, list) else float(f'{v:.9g}')

def two(v): return [v, v] if isinstance(v, int) else list(v)

# --- convolutions
for i, (b, h, w, ci, co, k, s, p, d, g) in enumerate([
    (2, 5, 6, 3, 4, 3, 1, 1, 1, 1), (2, 6, 5, 3, 4, 3, 2, 1, 1, 1), (1, 7, 7, 2, 3, 7, 2, 3, 1, 1), (2, 5, 5, 4, 6, 1, 1, 0, 1, 1),
    (2, 5, 5, 4, 6, 1, 2, 0, 1, 1), (1, 6, 6, 2, 2, 3, 1, 0, 1, 1), (1, 9, 8, 2, 3, 3, 1, 2, 2, 1), (1, 9, 9, 2, 3, 3, 2, 2, 2, 1),
    (2, 5, 7, 3, 2, (1, 3), 1, (0, 1), 1, 1), (2, 7, 5, 3, 2, (3, 1), (2, 1), (1, 0), 1, 1), (1, 8, 8, 1, 1, 5, 3, 1, 1, 1),
    (1, 1, 1, 3, 4, 1, 1, 0, 1, 1), (1, 3, 3, 2, 2, 3, 1, 2, 1, 1), (1, 4, 4, 2, 3, 1, 1, 1, 1, 1), (2, 6, 6, 17, 5, 3, 1, 1, 1, 1),
    (1, 5, 5, 4, 4, 3, 1, 1, 1, 2), (2, 6, 5, 6, 9, 3, 2, 1, 1, 3),
    (2, 5, 6, 4, 4, 3, 1, 1, 1, 4), (2, 6, 7, 4, 4, 3, 2, 1, 1, 4), (1, 7, 7, 3, 3, 5, 1, 2, 1, 3), (1, 7, 7, 3, 6, 3, 1, 1, 1, 3),
    (1, 8, 8, 2, 4, 3, 2, 1, 1, 2), (1, 9, 9, 3, 3, 3, 1, 2, 2, 3), (2, 5, 5, 8, 8, 3, 1, 0, 1, 8)]):
    kh, kw = two(k)
    opts = dict(stride=two(s), padding=two(p), dilation=two(d), groups=g)
    case(f'conv2d_{i:02}', 'conv2d', dict(x=rand((b, h, w, ci)), filter=rand((kh, kw, ci // g, co))),
         lambda x, filter: dict(y=nhwc(F.conv2d(nchw(x), oihw(filter), **opts))), ['x', 'filter'], opts)
for i, (b, h, w, ci, co, k, s, p, op, d, g) in enumerate([
    (2, 4, 5, 3, 4, 3, 1, 0, 0, 1, 1), (2, 4, 5, 3, 4, 3, 2, 1, 1, 1, 1), (1, 5, 4, 2, 3, 4, 2, 1, 0, 1, 1), (1, 3, 3, 2, 2, 2, 2, 0, 0, 1, 1),
    (1, 4, 4, 2, 2, 3, 1, 1, 0, 1, 1), (1, 4, 4, 4, 4, 3, 2, 1, 1, 1, 2), (1, 4, 4, 3, 3, 3, 2, 1, 1, 1, 3), (1, 4, 4, 2, 3, 3, 1, 2, 0, 2, 1), (1, 5, 5, 2, 3, 1, 1, 0, 0, 1, 1)]):
    opts = dict(stride=two(s), padding=two(p), outputPadding=two(op), dilation=two(d), groups=g)
    case(f'conv_transpose2d_{i:02}', 'convTranspose2d', dict(x=rand((b, h, w, ci)), filter=rand((k, k, co // g, ci))),
         lambda x, filter: dict(y=nhwc(F.conv_transpose2d(nchw(x), oihw(filter), stride=s, padding=p, output_padding=op, dilation=d, groups=g))), ['x', 'filter'], opts)

# --- batch norm
for i, (shape, eps, scale) in enumerate([((2, 3, 4, 5), 1e-5, 1), ((4, 6), 1e-5, 1), ((2, 3, 4), 1e-3, 1), ((1, 2, 1, 3), 1e-5, 1), ((2, 4, 4, 1), 1e-5, 100), ((16, 2), 1e-5, 1e-3)]):
    c = shape[-1]
    def bn(x, weight, bias):
        flat = x.reshape(-1, c)
        y = F.batch_norm(flat, None, None, weight, bias, True, 0.1, eps)
        return dict(y=y.reshape(x.shape), mean=flat.mean(0), variance=flat.var(0))
    case(f'batch_norm_train_{i}', 'batchNormTrain', dict(x=rand(shape, -scale, 2 * scale), weight=rand((c,), .5, 1.5), bias=rand((c,))), bn, ['x', 'weight', 'bias'], dict(epsilon=eps), tol=(2e-4, 1e-4))
for i, shape in enumerate([(2, 3, 4, 5), (4, 6)]):
    c = shape[-1]
    case(f'batch_norm_eval_{i}', 'batchNormEval', dict(x=rand(shape), weight=rand((c,), .5, 1.5), bias=rand((c,)), mean=rand((c,)), variance=rand((c,), .5, 2)),
         lambda x, weight, bias, mean, variance: dict(y=F.batch_norm(x.reshape(-1, c), mean, variance, weight, bias, False, 0., 1e-5).reshape(x.shape)), ['x', 'weight', 'bias'], dict(epsilon=1e-5))

# --- pooling
for i, (b, h, w, c, k, s, p, ceil) in enumerate([
    (2, 6, 6, 3, 2, 2, 0, False), (1, 7, 7, 2, 3, 2, 1, False), (1, 7, 8, 2, 3, 2, 0, True), (1, 8, 7, 2, 3, 2, 1, True), (2, 5, 5, 1, 3, 1, 1, False),
    (1, 6, 9, 2, (2, 3), (2, 3), 0, False), (1, 5, 5, 2, 5, 5, 0, False), (1, 6, 6, 2, 3, 3, 1, True), (1, 4, 4, 3, 1, 2, 0, False)]):
    opts = dict(kernel=two(k), stride=two(s), padding=two(p), ceilMode=ceil)
    case(f'max_pool2d_{i}', 'maxPool2d', dict(x=rand((b, h, w, c))), lambda x: dict(y=nhwc(F.max_pool2d(nchw(x), k, s, p, ceil_mode=ceil))), ['x'], opts)
    case(f'avg_pool2d_{i}', 'avgPool2d', dict(x=rand((b, h, w, c))), lambda x: dict(y=nhwc(F.avg_pool2d(nchw(x), k, s, p, ceil_mode=ceil))), ['x'], opts)
case('max_pool2d_ties', 'maxPool2d', dict(x=value([[[[0.], [0.], [1.]], [[0.], [0.], [1.]], [[-1.], [-1.], [-1.]]]])),
     lambda x: dict(y=nhwc(F.max_pool2d(nchw(x), 2, 1))), ['x'], dict(kernel=[2, 2], stride=[1, 1], padding=[0, 0], ceilMode=False), 'the first of equal values gets the gradient', kinks=True)
for i, (h, w, out) in enumerate([(6, 6, 1), (7, 5, 1), (7, 7, 3), (5, 8, (2, 4)), (4, 4, 4), (3, 3, 5)]):
    case(f'adaptive_max_pool2d_{i}', 'adaptiveMaxPool2d', dict(x=rand((2, h, w, 3))), lambda x: dict(y=nhwc(F.adaptive_max_pool2d(nchw(x), out))), ['x'], dict(size=two(out)))
    case(f'adaptive_avg_pool2d_{i}', 'adaptiveAvgPool2d', dict(x=rand((2, h, w, 3))), lambda x: dict(y=nhwc(F.adaptive_avg_pool2d(nchw(x), out))), ['x'], dict(size=two(out)))

# --- losses, lookups
for i, (n, c, scale) in enumerate([(4, 3, 1), (1, 2, 1), (5, 11, 30), (3, 2, 100)]):
    case(f'cross_entropy_{i}', 'sparseCrossEntropy', dict(logits=rand((n, c), -scale, scale), labels=ints((n,), c)), lambda logits, labels: dict(y=F.cross_entropy(logits, labels, reduction='none')), ['logits'])
for i, (n, d, shape) in enumerate([(5, 3, (4,)), (7, 2, (3, 5)), (2, 1, (9,))]):
    case(f'embedding_{i}', 'embed', dict(weight=rand((n, d)), indices=ints(shape, n)), lambda weight, indices: dict(y=F.embedding(indices, weight)), ['weight'])
for i, (m, d, n) in enumerate([(6, 3, 4), (10, 2, 3), (3, 4, 9)]):
    case(f'segment_sum_{i}', 'segmentSum', dict(values=rand((m, d)), ids=ints((m,), n)), lambda values, ids: dict(y=torch.zeros(n, d, dtype=torch.float64).index_add(0, ids, values)), ['values'], dict(count=n))

# --- sampling and resizing
for mode in ['bilinear', 'nearest']:
    for pad in ['zeros', 'border', 'reflection']:
        for align in [False, True]:
            opts = dict(mode=mode, padding=pad, alignCorners=align)
            case(f'grid_sample_{mode}_{pad}_{"align" if align else "edges"}', 'gridSample', dict(x=rand((2, 5, 6, 3)), grid=rand((2, 4, 3, 2), -2.2, 2.2)),
                 lambda x, grid: dict(y=nhwc(F.grid_sample(nchw(x), grid, mode=mode, padding_mode=pad, align_corners=align))), ['x', 'grid'] if mode == 'bilinear' else ['x'], opts)
for i, (b, h, w, align) in enumerate([(2, 3, 4, False), (2, 3, 4, True), (1, 1, 5, False), (1, 4, 1, True)]):
    case(f'affine_grid_{i}', 'affineGrid', dict(matrices=rand((b, 2, 3))), lambda matrices: dict(y=F.affine_grid(matrices, [b, 1, h, w], align_corners=align)), ['matrices'], dict(size=[h, w], alignCorners=align))
for i in range(2):
    def persp(grid, coefficients):
        m = torch.cat([coefficients, torch.ones(2, 1, dtype=torch.float64)], 1).view(2, 3, 3)
        pts = grid.reshape(2, -1, 2) @ m[..., :2].transpose(1, 2) + m[..., 2].unsqueeze(1)
        return dict(y=(pts / pts[..., 2:])[..., :2].reshape(grid.shape))
    case(f'perspective_grid_{i}', 'perspectiveGrid', dict(grid=rand((2, 3, 4, 2)), coefficients=rand((2, 8), -.2, .2)), persp, ['grid', 'coefficients'])
for i, (h, w, size, mode, align) in enumerate([
    (4, 5, (8, 10), 'bilinear', False), (4, 5, (8, 10), 'bilinear', True), (6, 6, (3, 4), 'bilinear', False), (5, 7, (11, 3), 'bilinear', False), (5, 7, (3, 11), 'bilinear', True),
    (4, 4, (1, 1), 'bilinear', True), (1, 1, (3, 3), 'bilinear', False), (4, 5, (8, 10), 'nearest', False), (6, 5, (4, 7), 'nearest', False), (3, 3, (7, 2), 'nearest', False)]):
    align_arg = dict(align_corners=align) if mode == 'bilinear' else {}
    case(f'resize_{mode}_{i}', 'resizeBilinear' if mode == 'bilinear' else 'resizeNearest', dict(x=rand((2, h, w, 3))),
         lambda x: dict(y=nhwc(F.interpolate(nchw(x), size=size, mode=mode, **align_arg))), ['x'], dict(size=list(size), **({'alignCorners': align} if mode == 'bilinear' else {})))
for i, (h, w, c, r) in enumerate([(3, 2, 2, 2), (2, 2, 1, 3), (2, 3, 4, 1)]):
    case(f'pixel_shuffle_{i}', 'pixelShuffle', dict(x=rand((2, h, w, c * r * r))), lambda x: dict(y=nhwc(F.pixel_shuffle(nchw(x), r))), ['x'], dict(factor=r))

# --- pointwise, products
for shape in [(3, 4), (2, 3, 3, 2)]:
    case(f'relu_{len(shape)}d', 'relu', dict(x=rand(shape)), lambda x: dict(y=F.relu(x)), ['x'])
    case(f'relu6_{len(shape)}d', 'relu6', dict(x=rand(shape, -4, 10)), lambda x: dict(y=F.relu6(x)), ['x'])
for i, (eq, shapes) in enumerate([('ij,jk->ik', [(3, 4), (4, 2)]), ('bij,bjk->bik', [(2, 3, 4), (2, 4, 2)]), ('bthd,bshd->bhts', [(2, 3, 2, 4), (2, 5, 2, 4)]),
                                 ('ij->ji', [(3, 4)]), ('ijk->j', [(2, 3, 4)]), ('i,j->ij', [(3,), (4,)]), ('ij,jk,kl->il', [(2, 3), (3, 4), (4, 2)])]):
    names = 'abc'[:len(shapes)]
    case(f'einsum_{i}', 'einsum', {n: rand(s) for n, s in zip(names, shapes)}, lambda **ts: dict(y=torch.einsum(eq, *ts.values())), list(names), dict(equation=eq))
for i, (ta, tb) in enumerate([(False, False), (True, False), (False, True), (True, True)]):
    for batch in [(), (3,)]:
        a, b = (5, 4) if ta else (4, 5), (6, 5) if tb else (5, 6)
        case(f'mat_mul_{i}{"_batched" if batch else ""}', 'matMul', dict(a=rand(batch + a), b=rand(batch + b)),
             lambda a, b: dict(y=(a.mT if ta else a) @ (b.mT if tb else b)), ['a', 'b'], dict(transposeA=ta, transposeB=tb))

# --- optimizer updates
for i, (wd, step) in enumerate([(0, 1), (0.1, 3)]):
    lr, mom, sqr, eps = 0.01, 0.9, 0.99, 1e-5
    def adam(param, grad, avg, sqrAvg):
        p = param * (1 - lr * wd); a = mom * avg + (1 - mom) * grad; s = sqr * sqrAvg + (1 - sqr) * grad ** 2
        d1, d2 = 1 - mom ** step, 1 - sqr ** step
        return dict(y=p - lr / d1 * a / ((s / d2).sqrt() + eps), avg=a, sqrAvg=s)
    case(f'adam_{i}', 'adam', dict(param=rand((3, 5)), grad=rand((3, 5)), avg=rand((3, 5)), sqrAvg=rand((3, 5), 0, 1)), adam, [], dict(lr=lr, mom=mom, sqrMom=sqr, eps=eps, keep=1 - lr * wd, debias=[1 - mom ** step, 1 - sqr ** step]))
for i, (mom, wd) in enumerate([(0, 0), (0.9, 0.2)]):
    lr = 0.05
    def sgd(param, grad, avg=None):
        a = grad if avg is None else mom * avg + grad
        return dict(y=param * (1 - lr * wd) - lr * a, **({} if avg is None else dict(avg=a)))
    ins = dict(param=rand((4, 3)), grad=rand((4, 3)), **({'avg': rand((4, 3))} if mom else {}))
    case(f'sgd_{i}', 'sgd', ins, sgd, [], dict(lr=lr, mom=mom, keep=1 - lr * wd))

# --- smooth activations and layer norm; a range wide enough to see both ends
for name, f in [('mish', F.mish), ('swish', F.silu), ('gelu', F.gelu)]:
    case(f'{name}_3d', name, dict(x=rand((2, 5, 4), -6, 6)), lambda x: dict(y=f(x)), ['x'])
    case(f'{name}_far', name, dict(x=value([-88., -40., -20., -1e-3, 0., 1e-3, 20., 40., 88.])), lambda x: dict(y=f(x)), ['x'], kinks=True)
for i, (shape, eps, scale) in enumerate([((2, 3, 4, 5), 1e-6, 1), ((4, 7), 1e-5, 100), ((3, 2, 2), 1e-5, 1e-2)]):
    c = shape[-1]
    case(f'layer_norm_{i}', 'layerNorm', dict(x=rand(shape, -scale, 2 * scale), weight=rand((c,), .5, 1.5), bias=rand((c,))),
         lambda x, weight, bias: dict(y=F.layer_norm(x, (c,), weight, bias, eps)), ['x', 'weight', 'bias'], dict(epsilon=eps), tol=(2e-4, 1e-4))

# --- LSTMs over a sequence, by the output that the loss is of
for i, (b, t, n, h, reverse, by, scale) in enumerate([
    (3, 5, 4, 6, False, 'y', 1), (2, 4, 3, 5, True, 'y', 1), (2, 3, 4, 4, False, 'h', 1), (2, 3, 4, 3, False, 'c', 1), (1, 1, 2, 3, False, 'y', 1),
    (4, 7, 9, 16, False, 'y', 1), (2, 3, 4, 4, True, 'c', 1), (2, 6, 5, 8, False, 'y', 4), (3, 1, 5, 7, True, 'h', 1)]):
    def lstm(x, h, c, weightIh, weightHh, bias):
        flip = (lambda v: v.flip(1)) if reverse else (lambda v: v)
        y, last_h, last_c = torch._VF.lstm(flip(x), (h[None], c[None]), [weightIh.mT, weightHh.mT, bias, torch.zeros_like(bias)], True, 1, 0.0, True, False, True)
        outs = dict(y=flip(y), h=last_h[0], c=last_c[0])
        return {by: outs.pop(by), **outs}
    ins = dict(x=rand((b, t, n)), h=rand((b, h)), c=rand((b, h)), weightIh=rand((n, 4 * h), -scale, scale), weightHh=rand((h, 4 * h), -scale, scale), bias=rand((4 * h,)))
    case(f'lstm_{i}', 'lstm', ins, lstm, list(ins), dict(reverse=reverse, out=by))

out = pathlib.Path(sys.argv[1]); out.mkdir(parents=True, exist_ok=True)
for c in CASES: (out / f"{c['case']}.json").write_text(json.dumps(c, separators=(',', ':')) + '\n')
print(len(CASES), 'cases')

#!/usr/bin/env python3
"""Writes golden cases of topic `vision/arch`: fastai's layers, heads, bodies and groups, and torchvision's networks.

    python tools/oracle/vision_arch.py testdata/golden/vision/arch

Schema golden/1."""
import sys, warnings, zlib
from copy import deepcopy
import fastai, torch, torchvision
from fastai.basics import *
from fastai.layers import *
from fastai.vision.learner import *
from fastai.vision.learner import num_features_model
from fastai.vision.models.xresnet import *
from torch import nn
from torchvision import models
from golden import Case, digits, init, input_of, rand, version, write_all

warnings.simplefilter('ignore')
torch.set_num_threads(1)
TOPIC = 'vision/arch'
MADE_BY = f'{{}} (fastai {version(fastai)}, torch {version(torch)}, torchvision {version(torchvision)})'
ARCHES = {f.__name__: f for f in (models.resnet18, models.resnet34, models.resnet50, models.resnext50_32x4d, models.squeezenet1_0, models.squeezenet1_1, models.vgg13_bn, models.alexnet,
                                  models.densenet121, models.mobilenet_v2, models.efficientnet_b0, models.convnext_tiny, xresnet18, xresnet34, xresnet50, xresnet18_deep, xse_resnext18, xresnext50)}


def seed_of(name):
    """Inputs have a seed of their own in every case, whichever other cases there are."""
    return zlib.crc32(name.encode()) % 10 ** 6


def both(module):
    return module, deepcopy(module).double()


def layer(name, config, make, x, what='fastai.layers', span=1., seed=12345, drops=False):
    """Eval and train mode, the gradients of mean(y·r), running statistics afterwards. With dropout: eval mode only."""
    module, module64 = make(), make()
    weights, brought = init(module, seed)
    module64.load_state_dict(module.state_dict())
    x_seed = seed_of(name)
    inputs = dict(x=rand(x_seed, x, -span, span))
    with torch.no_grad(): inputs['r'] = rand(x_seed + 1, module.eval()(input_of(inputs['x'])).shape)
    c = Case(TOPIC, name, f'{what}: eval output, train-mode output and gradients of mean(y*r)', MADE_BY.format(what), config, inputs, (1e-4, 2e-5), init=weights, printed=str(module))
    c.tensors.update(brought)
    runs = []
    for m, dtype in ((module, torch.float32), (module64.double(), torch.float64)):
        xs, r = (input_of(inputs[k]).to(dtype) for k in ('x', 'r'))
        xs.requires_grad_()
        out = {'eval': m.eval()(xs)}
        if not drops:
            out['train'] = m.train()(xs)
            out['loss'] = (out['train'] * r).mean()
            named = dict(m.named_parameters())
            grads = torch.autograd.grad(out['loss'], [*named.values(), xs])
            out.update({f'grad.{k}': g for k, g in zip([*named, 'input.x'], grads)})
            out.update({f'after.{k}': v for k, v in m.named_buffers() if 'num_batches' not in k})
        runs.append(out)
    for k, v in runs[0].items():
        if k == 'loss': c[k] = digits(v.item())
        else: c.tensor(k, v, runs[1][k])
    return c


def head(name, config, x=(4, 20, 3, 4), **more):
    return layer(name, config, lambda: create_head(**deepcopy(config)), x, 'fastai.vision.learner.create_head', **more)


def head_table(name, rows):
    c = Case(TOPIC, name, 'create_head: printed form, layers, names and shapes of the weights', MADE_BY.format('fastai.vision.learner.create_head'), dict(options='in the rows'), tolerance=(0, 0))
    facts = {nn.BatchNorm1d: ('num_features', 'eps', 'momentum'), nn.Dropout: ('p',), nn.Linear: ('in_features', 'out_features'), SigmoidRange: ('low', 'high')}
    out = []
    for args in rows:
        h = create_head(**deepcopy(args))
        leaves = [m for m in h.modules() if not list(m.children())]
        def attrs(m):
            return {**{k: getattr(m, k) for k in facts.get(type(m), ())}, **({'bias': m.bias is not None} if isinstance(m, nn.Linear) else {})}
        out.append(dict(args=args, printed=str(h), leaves=[[type(m).__name__, attrs(m)] for m in leaves],
                        state_dict=[[k, list(v.shape)] for k, v in h.state_dict().items()], n_params=sum(p.numel() for p in h.parameters())))
    c['rows'] = out
    return c


def conv(name, config, x, **more):
    def make():
        named = dict(config)
        if 'norm_type' in named: named['norm_type'] = named['norm_type'] and getattr(NormType, named['norm_type'].split('.')[1])
        if isinstance(named.get('act_cls'), str): named['act_cls'] = getattr(nn, named['act_cls'])
        return ConvLayer(**named)
    return layer(name, config, make, x, **more)


def lin_bn_drop(name, config, x, **more):
    return layer(name, config, lambda: LinBnDrop(**dict(config, act=getattr(nn, config['act'])() if config.get('act') else None)), x, **more)


def concat_pool(name, config, x):
    return layer(name, config, lambda: nn.Sequential(AdaptiveConcatPool2d(**{k: tuple(s) if isinstance(s, list) else s for k, s in config.items()}), Flatten()), x)


def body(name, arch, n_in, size, batch=1, cut=None, seed=12345):
    """What becomes of the first convolution of a pretrained network, and what its body gives."""
    net = ARCHES[arch]()
    weights, _ = init(net, seed)
    inputs = dict(x=rand(seed_of(name), [batch, n_in, *size]))
    c = Case(TOPIC, name, 'create_body for another number of input channels', MADE_BY.format('fastai.vision.learner.create_body'), dict(arch=arch, n_in=n_in, pretrained=True, cut=cut),
             inputs, init=weights, notes=[f'init describes the 3-channel {arch} before the surgery; what the cut leaves out is dropped afterwards.'])
    cut_body = create_body(net, n_in=n_in, pretrained=True, cut=cut).eval()
    c.tensor('first_weight', next(cut_body.parameters()))
    out = [m(input_of(inputs['x']).to(next(m.parameters()).dtype)) for m in both(cut_body)]
    c.tensor('body', *out)
    return c


def network(name, arch, size, batch=1, cut=None, span=2, seed=12345, classes=None):
    """Of an architecture by name, or of the XResNet that a dictionary describes."""
    if isinstance(arch, dict):
        blocks = dict(ResBlock=ResBlock, SEBlock=SEBlock, SEResNeXtBlock=SEResNeXtBlock)
        net = XResNet(**{k: blocks[v] if k == 'block' else getattr(nn, v) if k == 'act_cls' else v for k, v in arch.items()})
        config = arch
    else:
        net = ARCHES[arch](**({'n_out' if arch.startswith('x') else 'num_classes': classes} if classes else {}))
        config = dict(arch=arch)
    weights, brought = init(net, seed)
    inputs = dict(x=rand(seed_of(name), [batch, 3, *size], -span, span))
    c = Case(TOPIC, name, 'eval-mode forward of the whole network (logits) and of its body (create_body with the model_meta cut), weights by formula',
             MADE_BY.format(f'{type(net).__name__} + fastai.vision.learner.create_body'), dict(config, cut=cut), inputs, init=weights)
    c.tensors.update(brought)
    net.eval()
    x = input_of(inputs['x'])
    net64 = deepcopy(net).double()
    with torch.no_grad():
        c.tensor('logits', net(x), net64(x.double()))
        cut_body, cut64 = (create_body(m, cut=cut) for m in (net, net64))
        rows, h, h64 = [], x, x.double()
        for i, (part, part64) in enumerate(zip(cut_body, cut64)):
            h, h64 = part(h), part64(h64)
            d = h64.float().double()
            rows.append([i, type(part).__name__, list(h.shape), *digits([d.mean().item(), d.std(correction=0).item(), d.min().item(), d.max().item()])])
        c.tensor('body', h, h64)
    c['body_trace'] = dict(columns=['child', 'type', 'shape', 'mean', 'std', 'min', 'max'], rows=rows)
    c['num_features_model'] = num_features_model(cut_body)
    c['body_state_dict_keys'] = list(cut_body.state_dict())
    c['n_params'] = sum(p.numel() for p in net.parameters())
    return c


def body_only(name, arch, size, batch=1, cut=None, span=2, seed=12345):
    """Of a network whose classifier is too large for a formula."""
    bodies = [create_body(ARCHES[arch](), cut=cut, pretrained=False).eval() for _ in range(2)]
    weights, _ = init(bodies[0], seed)
    bodies[1].load_state_dict(bodies[0].state_dict())
    inputs = dict(x=rand(seed_of(name), [batch, 3, *size], -span, span))
    c = Case(TOPIC, name, 'eval-mode forward of the body only (create_body with the model_meta cut), weights by formula on the body itself',
             MADE_BY.format(f'{arch} + fastai.vision.learner.create_body'), dict(arch=arch, cut=cut), inputs, init=weights)
    x = input_of(inputs['x'])
    with torch.no_grad(): c.tensor('body', bodies[0](x), bodies[1].double()(x.double()))
    c['num_features_model'] = num_features_model(bodies[0])
    c['body_state_dict_keys'] = list(bodies[0].state_dict())
    c['n_params'] = sum(p.numel() for p in bodies[0].parameters())
    return c


def attention(name, config, make, x): return layer(name, config, lambda: make(**config), x)


def block(name, config, x=(2, 8, 7, 9), kind=ResBlock, **more):
    return layer(name, config, lambda: kind(**{k: getattr(nn, v) if k == 'act_cls' else v for k, v in config.items()}), x, **more)


def network_train(name, arch, size, batch, classes, grads, after, seed=12345, span=1.):
    net = ARCHES[arch](**{'n_out' if arch.startswith('x') else 'num_classes': classes})
    weights, _ = init(net, seed)
    x_seed = seed_of(name)
    inputs = dict(x=rand(x_seed, [batch, 3, *size], -span, span), y=rand(x_seed + 1, [batch], 0, classes, 'int64'))
    c = Case(TOPIC, name, 'train-mode: cross-entropy loss, gradient norm per top-level child, a few gradients, BN running stats after one forward', MADE_BY.format(arch) + ', nn.CrossEntropyLoss',
             dict(arch=arch, num_classes=classes), inputs, (1e-3, 1e-5), init=weights)
    runs = []
    for m in both(net):
        logits = m.train()(input_of(inputs['x']).to(next(m.parameters()).dtype))
        loss = nn.CrossEntropyLoss()(logits, input_of(inputs['y']))
        loss.backward()
        norms = {k: sum(p.grad.double().square().sum() for p in part.parameters()).sqrt().item() for k, part in m.named_children() if list(part.parameters())}
        runs.append((m, logits, loss.item(), norms))
    (m, logits, loss, norms), (m64, logits64, loss64, norms64) = runs
    c['loss'], c['loss_f64'], c['grad_norms'], c['grad_norms_f64'] = digits(loss), loss64, norms, norms64
    c['grad_norm_total'] = sum(v ** 2 for v in norms64.values()) ** .5
    c.tensor('logits', logits, logits64)
    for k in grads: c.tensor(f'grad.{k}', m.get_parameter(k).grad, m64.get_parameter(k).grad)
    for k in after: c.tensor(f'after.{k}', m.get_buffer(k), m64.get_buffer(k))
    return c


def freeze(name, n_out, rows, to=('freeze_to(1)', 'freeze_to(-2)', 'freeze_to(2)', 'unfreeze')):
    c = Case(TOPIC, name, 'vision_learner(dls, arch, pretrained=False): names of the parameters per group; which are trainable after freeze / freeze_to / unfreeze; which get no weight decay',
             MADE_BY.format('fastai.vision.learner.vision_learner'), dict(n_out=n_out), tolerance=(0, 0))
    loader = DataLoader([(torch.zeros(3, 64, 64), torch.tensor(0))] * 2, bs=2, num_workers=0)
    out = []
    for arch, train_bn, wd_bn_bias in rows:
        learn = vision_learner(DataLoaders(loader, loader), ARCHES[arch], pretrained=False, n_out=n_out, normalize=False, loss_func=CrossEntropyLossFlat(), train_bn=train_bn, wd_bn_bias=wd_bn_bias)
        learn.create_opt()
        names = {p: k for k, p in learn.model.named_parameters()}
        free = lambda: [k for p, k in names.items() if p.requires_grad]
        learn.freeze()
        trainable, frozen = dict(freeze=free()), learn.opt.frozen_idx
        for call in to:
            eval(f'learn.{call if "(" in call else call + "()"}')
            trainable[call] = dict(n=len(free()), frozen_idx=learn.opt.frozen_idx)
        state = learn.opt.state
        out.append(dict(arch=arch, train_bn=train_bn, wd_bn_bias=wd_bn_bias, trainable=trainable, frozen_idx_after_freeze=frozen, groups=[[names[p] for p in g] for g in learn.opt.param_lists],
                        no_wd=[k for p, k in names.items() if state[p].get('do_wd') is False], force_train=[k for p, k in names.items() if state[p].get('force_train')]))
    c['rows'] = out
    return c


def cases():
    x = (2, 4, 7, 9)
    yield head('create_head_fwd_three_lin_first', dict(nf=12, n_out=3, lin_ftrs=[24, 10, 7], ps=0., lin_first=True, first_bn=False, y_range=[-1, 1]), (5, 12, 4, 4))
    yield head_table('create_head_table_more', [
        dict(nf=10, n_out=3, ps=.4, lin_ftrs=[20, 10, 5]), dict(nf=10, n_out=3, lin_ftrs=[20], ps=[.1, .25], lin_first=True), dict(nf=64, n_out=10, concat_pool=False, ps=.75),
        dict(nf=7, n_out=2, pool=False, first_bn=False, bn_final=True, y_range=[-2, 2.5]), dict(nf=10, n_out=3, lin_ftrs=[], lin_first=True, ps=.2), dict(nf=3, n_out=1, ps=1., y_range=[0., 1.])])
    yield conv('layer_conv_layer_pair', dict(ni=4, nf=6, ks=(3, 5), padding=(0, 2), stride=(2, 1), bias=True), x)
    yield conv('layer_conv_layer_instance_zero', dict(ni=3, nf=5, norm_type='NormType.InstanceZero', bn_1st=False, act_cls='Sigmoid'), (3, 3, 6, 5))
    yield conv('layer_conv_layer_spectral', dict(ni=4, nf=6, norm_type='NormType.Spectral', groups=2, ks=5, stride=2), x)
    yield conv('layer_conv_layer_transpose_out', dict(ni=4, nf=6, transpose=True, padding=1, stride=2, output_padding=1, norm_type='NormType.Instance'), x)
    yield conv('layer_conv_layer_transpose_weight', dict(ni=4, nf=6, transpose=True, stride=2, norm_type='NormType.Weight'), x)
    yield conv('layer_conv_layer_transpose_spectral', dict(ni=4, nf=6, transpose=True, norm_type='NormType.Spectral', bias=False, act_cls='Mish'), x)
    yield conv('layer_conv_layer_1d', dict(ni=4, nf=6, ndim=1, ks=5, stride=2), (2, 4, 9))
    yield concat_pool('layer_adaptive_concat_pool_2x3', dict(size=(2, 3)), (2, 5, 7, 9))
    yield body('create_body_n_in2_cut5', 'resnet18', 2, (20, 24), cut=5)
    yield freeze('freeze_more', 7, [('resnet34', True, True), ('squeezenet1_1', False, False), ('xresnet18', True, False)], ('freeze_to(0)', 'freeze_to(3)', 'freeze_to(-1)', 'freeze_to(-3)', 'freeze()', 'unfreeze()'))
    yield network('resnext50_32x4d', 'resnext50_32x4d', (64, 64), cut=-2, span=4, classes=10)
    yield network('squeezenet1_0', 'squeezenet1_0', (70, 64), cut=-1, span=4, classes=20)
    yield network('mobilenet_v2', 'mobilenet_v2', (64, 72), cut=-1, span=4, classes=20)
    yield network('efficientnet_b0', 'efficientnet_b0', (64, 64), span=8, classes=20)
    yield network('convnext_tiny', 'convnext_tiny', (64, 64), span=4, classes=10)
    yield network('xresnet18_deep', 'xresnet18_deep', (80, 64), cut=-4, span=16, classes=10)
    yield network('xse_resnext18', 'xse_resnext18', (64, 64), cut=-4, span=16, classes=10)
    yield network('xresnet_sa_mish', dict(block='ResBlock', expansion=4, layers=[1, 2, 1, 1], n_out=6, stem_szs=[8, 16, 64], widen=.25, sa=True, act_cls='Mish', ks=5, pool_first=False), (48, 56), 2, cut=-4, span=4)
    yield network('xresnet_se_next', dict(block='SEResNeXtBlock', expansion=1, layers=[1, 1, 1, 1, 1], n_out=6, widen=.5, groups=16, reduction=4, stride=2), (64, 64), 1, cut=-4, span=16)
    yield body_only('vgg13_bn_body', 'vgg13_bn', (48, 64), cut=-2, span=4)
    yield body_only('alexnet_body_two', 'alexnet', (96, 80), 2, cut=-2, span=8)
    yield network_train('densenet121_train', 'densenet121', (64, 64), 6, 4, ['features.conv0.weight', 'features.norm5.bias', 'classifier.weight'], ['features.norm0.running_mean', 'features.denseblock4.denselayer16.norm2.running_var'])
    yield attention('layer_self_attention_more', dict(n_channels=24), SelfAttention, (2, 24, 5, 3))
    yield attention('layer_pooled_self_attention', dict(n_channels=16), PooledSelfAttention2d, (2, 16, 4, 6))
    yield attention('layer_simple_self_attention', dict(n_in=6, ks=3), SimpleSelfAttention, (2, 6, 4, 5))
    yield block('layer_res_block_mish_dw', dict(expansion=4, ni=2, nf=6, stride=2, dw=True, act_cls='Mish', nh1=5, nh2=5))
    yield block('layer_res_block_sa', dict(expansion=1, ni=8, nf=6, groups=2, g2=3, sa=True, ks=5))
    yield block('layer_res_block_silu_se', dict(expansion=4, ni=2, nf=4, groups=2, reduction=2, act_cls='SiLU'))
    yield block('layer_separable_block', dict(expansion=1, ni=8, nf=8, reduction=4), kind=SeparableBlock)
    yield block('layer_se_res_next_block', dict(expansion=4, ni=2, nf=16, groups=4, reduction=4, stride=2), kind=SEResNeXtBlock)
    yield layer('layer_seq_merge', dict(ni=4, nf=4, dense=False), lambda: SequentialEx(ConvLayer(4, 4), MergeLayer()), x)
    yield layer('layer_simple_cnn_more', dict(filters=[4, 6, 5], kernel_szs=[5, 3], strides=[1, 2], bn=False), lambda: SimpleCNN([4, 6, 5], [5, 3], [1, 2], bn=False), x)
    yield layer('layer_pool_flatten', dict(pool_type='Cat'), lambda: PoolFlatten('Cat'), x)


if __name__ == '__main__': write_all(cases(), sys.argv[1])

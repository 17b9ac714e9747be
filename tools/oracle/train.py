#!/usr/bin/env python3
"""Writes golden cases of topic `train`: what fastai's optimizers, schedules and training loop do.

    python tools/oracle/train.py testdata/golden/train

Schema golden/1. The runs train a small model on a few rows in a fixed order; a float64 run beside the float32 one
says how exact the numbers are."""
import math, re, sys, tempfile, warnings
from copy import deepcopy
from functools import partial
import fastai, torch
from fastai.basics import *
from fastai.callback.core import _events as callback_events
from fastai.callback.progress import ProgressCallback
from fastai.callback.schedule import *
from fastai.metrics import accuracy, error_rate, top_k_accuracy
from torch import nn
from golden import Case, digits, init, input_of, rand, version, write_all

warnings.simplefilter('ignore')
torch.set_num_threads(1)
TOPIC = 'train'
MADE_BY = f'fastai.{{}} (fastai {version(fastai)}, torch {version(torch)})'
plain = lambda v: dict(slice=[v.start, v.stop]) if isinstance(v, slice) else v


def optimizer(name, opt, args, groups, no_decay=(), shapes={}, steps=10, seed=600):
    shapes = {p: shapes.get(p, [3, 4]) for g in groups for p in g}
    inputs = {p: rand(seed + i, s) for i, (p, s) in enumerate(shapes.items())}
    inputs.update({f'grad_{p}': rand(seed + 10 + i, [steps, *s]) for i, (p, s) in enumerate(shapes.items())})
    config = dict(opt=opt.__name__, args={k: plain(v) for k, v in args.items()}, groups=groups, no_weight_decay=list(no_decay))
    c = Case(TOPIC, name, f'{steps} optimizer steps with given gradients: parameter trajectories (value after each step) and final state',
             MADE_BY.format(f'optimizer.{opt.__name__}'), config, inputs, (1e-4, 1e-6))
    params = {p: nn.Parameter(input_of(inputs[p])) for p in shapes}
    grads = {p: input_of(inputs[f'grad_{p}']) for p in shapes}
    o = opt([[params[p] for p in g] for g in groups], **args)
    for p in no_decay: o.state[params[p]]['do_wd'] = False
    path = {p: [] for p in shapes}
    for t in range(steps):
        for p in params: params[p].grad = grads[p][t].clone()
        o.step()
        for p in params: path[p].append(params[p].detach().clone())
    c['hypers'] = [{k: float(v) for k, v in h.items()} for h in o.hypers]
    for p in path: c.tensor(f'traj_{p}', torch.stack(path[p]), inline=0)
    state = lambda v: digits(v.tolist()) if isinstance(v, torch.Tensor) else v
    c['final_state'] = {p: {k: state(v) for k, v in o.state[params[p]].items()} for p in params}
    return c


def schedules(name, pos, rows):
    """Rows of [function, arguments] or ['combine_scheds', shares, [[function, arguments…], …]]; lists of arguments are one per group."""
    c = Case(TOPIC, name, 'schedule functions sampled at the given positions', MADE_BY.format('callback.schedule'), dict(pos=pos), tolerance=(1e-5, 1e-9))
    def made(fn, args): return globals()[fn](*[np.array(a) if isinstance(a, list) else a for a in args])
    out = []
    for fn, *args in rows:
        if fn == 'combine_scheds':
            f, given = combine_scheds(args[0], [made(n, a) for n, *a in args[1]]), dict(pcts=args[0], scheds=args[1])
        else: f, given = made(fn, args), args
        many = any(isinstance(a, list) for a in args) and fn != 'combine_scheds'
        out.append(dict(fn=f'{fn} (per group)' if many else fn, args=given, values=[v.tolist() if isinstance(v, np.ndarray) else float(v) for v in map(f, pos)]))
    c['rows'] = out
    return c


def set_hyper(name, rows, wrong):
    c = Case(TOPIC, name, "Optimizer.set_hyper('lr', v) for several numbers of parameter groups", MADE_BY.format('optimizer.Optimizer'), {}, tolerance=(1e-9, 0))
    made = lambda n: Optimizer([[nn.Parameter(torch.zeros(1))] for _ in range(n)], [], lr=0.)
    out = []
    for n, v in rows:
        o = made(n)
        o.set_hyper('lr', v)
        out.append(dict(groups=n, v=plain(v), lrs=[float(h['lr']) for h in o.hypers]))
    c['rows'] = out
    try: made(wrong[0]).set_hyper('lr', wrong[1])
    except AssertionError as e: c['wrong_length_error'] = str(e)
    return c


SMALL = 'Sequential(Sequential(Linear(5,8), BatchNorm1d(8), ReLU), Sequential(Linear(8,6), ReLU), Sequential(Linear(6,3)))'
ORDER = 'train set in fixed order, no shuffling, last short batch kept'


def built(text):
    names = dict(vars(nn), Sequential=nn.Sequential)
    layers = re.sub(r'\b(ReLU|Sigmoid|Tanh|Identity)\b(?!\()', r'\1()', text)
    return eval(layers, names)


def rows_of(seed, n_train, n_valid, n_in, classes, span=2):
    return dict(x_train=rand(seed, [n_train, n_in], -span, span), x_valid=rand(seed + 1, [n_valid, n_in], -span, span),
                y_train=rand(seed + 2, [n_train], 0, classes, 'int64'), y_valid=rand(seed + 3, [n_valid], 0, classes, 'int64'))


OPTS = dict(Adam=Adam, SGD=SGD)


def learner(model, inputs, bs, opt, dtype, **options):
    x = {k: input_of(v) for k, v in inputs.items()}
    def loader(part):
        xs, ys = x[f'x_{part}'].to(dtype), x[f'y_{part}']
        return DataLoader(list(zip(xs, ys)), bs=bs, shuffle=False, drop_last=False, num_workers=0)
    name, args = opt if isinstance(opt, list) else (opt, {})
    learn = Learner(DataLoaders(loader('train'), loader('valid')), deepcopy(model).to(dtype), loss_func=CrossEntropyLossFlat(),
                    opt_func=partial(OPTS[name], **args), splitter=lambda m: [params(part) for part in m.children()], path=tempfile.mkdtemp(), **options)
    learn.remove_cb(ProgressCallback)
    learn.recorder.add_time = False
    return learn


class Watch(Callback):
    order, run_valid = 65, False
    def __init__(self): self.steps = dict(lr=[], mom=[], wd=[], loss=[], smooth_loss=[], frozen_idx=[], pct_train_after=[])
    def before_step(self):
        for k in ('lr', 'mom', 'wd'): self.steps[k].append([float(h[k]) for h in self.opt.hypers])
        self.steps['frozen_idx'].append(self.opt.frozen_idx)
    def after_batch(self):
        self.steps['loss'].append(float(self.loss))
        self.steps['smooth_loss'].append(float(self.smooth_loss))
        self.steps['pct_train_after'].append(self.pct_train)


def call_of(learn, text):
    """Runs `freeze(); fit(1, 0.01)`, and hands on after each fit."""
    for part in filter(None, map(str.strip, text.split(';'))):
        eval(f'learn.{part if "(" in part else part + "()"}', dict(learn=learn, slice=slice))
        if part.startswith(('fit', 'fine')): yield


def fits(name, call, what='', model=SMALL, opt='Adam', bs=4, data=(901, 22, 9, 5, 3), seed=12345, metrics=(), **options):
    inputs = rows_of(*data)
    net = built(model)
    weights, _ = init(net, seed)
    groups = len(list(net.children()))
    config = dict(model=f'{model}; {groups} parameter groups = its {groups} children; {ORDER}', loss='CrossEntropyLossFlat()', bs=bs, n_train=data[1], n_valid=data[2], opt=opt, call=call, **{k: plain(v) for k, v in options.items()})
    c = Case(TOPIC, name, what or call, MADE_BY.format('learner.Learner / callback.schedule'), config, inputs, (1e-3, 1e-6), init=weights)
    runs = {}
    for dtype in (torch.float32, torch.float64):
        watch, tables = Watch(), []
        learn = learner(net, inputs, bs, opt, dtype, cbs=watch, metrics=list(metrics), **options)
        with learn.no_logging():
            for _ in call_of(learn, call): tables.append(dict(metric_names=list(learn.recorder.metric_names), values=[[float(v) for v in row] for row in learn.recorder.values]))
        runs[dtype] = watch.steps, tables, learn.model.state_dict()
    (steps, tables, after), (steps64, _, after64) = runs.values()
    c['steps'] = dict(steps, loss=digits(steps['loss']), smooth_loss=digits(steps['smooth_loss']))
    c['loss_f64'] = steps64['loss']
    c['recorder'] = tables
    before = net.state_dict()
    for key in after:
        if 'num_batches' in key: continue
        running = 'running' in key
        base = 0 if running else before[key]
        c.tensor(f'{"final" if running else "delta"}.{key}', after[key] - base, after64[key] - (0 if running else base.double()))
    return c


def event_order(name, epochs, n_train, n_valid):
    c = Case(TOPIC, name, f'events seen by a callback during fit({epochs}): {n_train} training batches, {n_valid} validation batches per epoch',
             MADE_BY.format('learner.Learner'), dict(epochs=epochs, train_batches=n_train, valid_batches=n_valid), tolerance=(0, 0))
    log, events = [], [e for e in callback_events if e != 'after_create']
    class Listen(Callback):
        order = -11
        def __call__(self, name):
            if name != 'after_create': log.append([name, bool(getattr(self.learn, 'training', False)), getattr(self.learn, 'epoch', None), getattr(self.learn, 'iter', None)])
    loader = lambda n: DataLoader([(torch.ones(2), torch.tensor(0))] * n, bs=1, num_workers=0)
    learn = Learner(DataLoaders(loader(n_train), loader(n_valid)), nn.Linear(2, 2), loss_func=CrossEntropyLossFlat(), cbs=Listen())
    learn.remove_cb(ProgressCallback)
    with learn.no_logging(): learn.fit(epochs)
    c['columns'] = ['event', 'training flag', 'epoch', 'iter']
    c['log'] = log
    c['all_events'] = ['after_create', *events]
    return c


FUNCS = dict(valley=valley, slide=slide, minimum=minimum, steep=steep)


def lr_find_run(name, args, model=SMALL, opt='Adam', bs=4, data=(901, 22, 9, 5, 3), seed=12345):
    inputs = rows_of(*data)
    net = built(model)
    weights, _ = init(net, seed)
    groups = len(list(net.children()))
    config = dict(model=f'{model}; {groups} parameter groups = its {groups} children; {ORDER}', bs=bs, opt=opt, args=args)
    c = Case(TOPIC, name, 'learn.lr_find on the tiny model: learning rates tried, smoothed losses, suggestions; weights are restored afterwards',
             MADE_BY.format('callback.schedule.lr_find'), config, inputs, (1e-3, 1e-5), init=weights)
    learn = learner(net, inputs, bs, opt, torch.float32)
    before = deepcopy(learn.model.state_dict())
    with learn.no_logging(): found = learn.lr_find(**args, show_plot=False, suggest_funcs=tuple(FUNCS.values()))
    finite = lambda v: v if v == v and abs(v) != float('inf') else None
    c['lrs'] = [float(v) for v in learn.recorder.lrs]
    c['losses'] = [finite(v) for v in digits([float(v) for v in learn.recorder.losses])]
    c['suggestions'] = {k: float(v) for k, v in found._asdict().items()}
    c['weights_restored'] = all(torch.equal(v, before[k]) for k, v in learn.model.state_dict().items() if 'num_batches' not in k)
    return c


def suggestions(name, curves, start=1e-7, end=10, num_it=100):
    """Curves are functions of the positions 0…1; points where lr_find would not look are left out as it does."""
    rates = [SchedExp(start, end)(i / num_it) for i in range(num_it)][num_it // 10:-5]
    lrs = tensor(rates)
    c = Case(TOPIC, name, 'valley, slide, minimum, steep on recorded curves (float32 tensors): suggestion, and the point (lr, loss) drawn on the plot',
             MADE_BY.format('callback.schedule'), dict(num_it=num_it), dict(lrs=dict(kind='value', value=digits(lrs.tolist()))), (1e-4, 1e-9))
    rows = []
    for curve in curves:
        losses = tensor([float(curve(i)) for i in range(len(rates))])
        row = dict(losses=digits(losses.tolist()))
        for k, f in FUNCS.items():
            lr, (x, y) = f(lrs, losses, num_it)
            row[k] = dict(suggestion=float(lr), point=[float(x), float(y)])
        rows.append(row)
    c['rows'] = rows
    return c


METRICS = {'accuracy': accuracy, 'error_rate': error_rate}


def recorder_table(name, call, metrics, model=SMALL, opt='Adam', bs=4, data=(901, 22, 9, 5, 3), seed=12345):
    inputs = rows_of(*data)
    net = built(model)
    weights, _ = init(net, seed)
    groups = len(list(net.children()))
    config = dict(model=f'{model}; {groups} parameter groups = its {groups} children; {ORDER}', bs=bs, call=call, train_metrics=False, metrics=metrics, **({} if opt == 'Adam' else dict(opt=opt)))
    c = Case(TOPIC, name, 'metric names and logged rows (6 decimals as the progress bar prints them), no time column', MADE_BY.format('learner.Recorder'), config, inputs, (1e-3, 2e-6), init=weights)
    funcs = [METRICS.get(m) or partial(top_k_accuracy, k=int(re.search(r'k=(\d+)', m)[1])) for m in metrics]
    learn = learner(net, inputs, bs, opt, torch.float32, metrics=funcs)
    printed = []
    learn.logger = printed.append
    for _ in call_of(learn, call): pass
    c['metric_names'] = list(learn.recorder.metric_names)
    c['values'] = [[float(v) for v in row] for row in learn.recorder.values]
    c['printed_rows'] = [[str(r[0]), *[f'{v:.6f}' for v in r[1:]]] for r in printed if not isinstance(r[0], str)]
    c['iters'] = list(learn.recorder.iters)
    return c


def cases():
    groups, shapes = [['a'], ['b', 'c'], ['d']], dict(a=[5], b=[2, 3, 2], c=[1], d=[1, 6])
    steps = dict(groups=groups, no_decay=['b', 'd'], shapes=shapes, steps=7, seed=7000)
    yield optimizer('opt_adam_lists', Adam, dict(lr=[.01, .1, .001], mom=[.9, .8, .95], wd=[0., .1, .5], eps=1e-6), **steps)
    yield optimizer('opt_adam_l2_slices', Adam, dict(lr=slice(1e-4, 1e-1), wd=slice(.01, 1.), decouple_wd=False, mom=.5, sqr_mom=.9), **steps)
    yield optimizer('opt_sgd_lists', SGD, dict(lr=slice(.2), mom=[.9, .5, .1], wd=[.1, 0., .3]), **steps)
    yield schedules('schedules_shares', [i / 17 for i in range(18)] + [.1, .2, .3, .35, .5, .65, .99], [
        ('SchedExp', 10., 1e-3), ('SchedPoly', 2., .1, 3), ('SchedCos', [1., 2.], [2., 3.]), ('combined_cos', .7, [1e-3, 1e-2], [1e-2, 1e-1], [1e-6, 1e-5]),
        ('combine_scheds', [.1, .2, .7], [['SchedLin', .1, 1.], ['SchedNo', 2., 2.], ['SchedExp', 5., .1]]), ('combine_scheds', [.35, .65], [['SchedNo', 1., 1.], ['SchedNo', 2., 2.]]),
        ('combine_scheds', [0., .25, .75], [['SchedNo', 9., 1.], ['SchedPoly', 2., 2.5, 2], ['SchedCos', 3., 0.]])])
    yield set_hyper('set_hyper_more', [(4, slice(1e-6, 3e-2)), (2, slice(.5, .1)), (1, slice(.5, .1)), (7, slice(2e-5, 1e-1)), (3, slice(0, .3)), (6, 0.), (2, 1)], (2, [.1, .2, .3]))
    data = (3100, 23, 11, 5, 3)
    yield fits('fit_plain_other_model', 'fit(2, 0.01)', 'four groups of other layers, one metric', bs=6, data=(3300, 21, 7, 5, 2), metrics=[accuracy],
               model='Sequential(Sequential(Linear(5,9,bias=False), BatchNorm1d(9,momentum=0.3), Sigmoid), Sequential(Linear(9,6), Tanh), Sequential(BatchNorm1d(6), Linear(6,4)), Sequential(ReLU(), Linear(4,2)))')
    yield fits('fit_plain_learner_options', 'fit(1, 0.05, 0.2); fit(1)', 'arguments by position; rate and weight decay of the learner', opt='SGD', data=data, lr=slice(1e-3, 1e-1), wd=.1)
    yield fits('fit_one_cycle_positions', 'fit_one_cycle(2, [0.2,0.1,0.05], 5, 100, 0.6, 0.1, (0.8,0.7,0.9))', 'all arguments by position', opt=['SGD', dict(mom=.9)], data=data)
    yield fits('fit_one_cycle_many_steps', 'fit_one_cycle(8, 0.01, pct_start=0.3)', 'rates near the end of a longer fit', opt='SGD', data=data)
    yield fits('fine_tune_options', 'fine_tune(2, 5e-3, 2, 10, pct_start=0.5, div=3.0, div_final=1e3, wd=0.2)', opt='SGD', data=data, train_bn=False, wd_bn_bias=True)
    yield lr_find_run('lr_find_run_nan', dict(start_lr=1e-6, end_lr=1e15, num_it=150, stop_div=False), 'Sequential(Sequential(Linear(5,12), ReLU), Sequential(Linear(12,3)))', opt='SGD', data=data)
    waves = [lambda i: 5 + i * .1, lambda i: 1., lambda i: 2 + abs(i - 50) / 20, lambda i: .7 + .3 * math.sin(i / 6), lambda i: 3 - (i > 20) - (i > 35)]
    yield suggestions('lr_find_suggestions_ties', waves)
    yield recorder_table('recorder_table_default_top3', 'fit(2, lr=0.01)', ['accuracy', 'top_k_accuracy (partial k=3)'], 'Sequential(Sequential(Linear(5,12), ReLU), Sequential(Linear(12,6)))', opt='SGD', data=(3500, 30, 13, 5, 6))


if __name__ == '__main__': write_all(cases(), sys.argv[1])

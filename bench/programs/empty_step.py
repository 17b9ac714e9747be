"""The peer of empty-step.ts: training steps of one number with fastai's Learner, less the same steps by hand."""
import json
import os
import resource
import time

import numpy as np
import torch
from fastai.basics import DataLoader, DataLoaders, Learner, Module, MSELossFlat, SGD
from fastai.callback.all import *  # noqa: F403 — gives Learner no_bar

warmup, rounds, steps = 2, 6, 200
torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))


class Scale(Module):
    def __init__(self):
        self.weight = torch.nn.Parameter(torch.tensor(0.5))

    def forward(self, x):
        return x * self.weight


class Ones(torch.utils.data.Dataset):
    def __init__(self, n):
        self.n = n

    def __len__(self):
        return self.n

    def __getitem__(self, i):
        return torch.ones(1), torch.ones(1)


dls = DataLoaders(DataLoader(Ones(steps), bs=1, num_workers=0), DataLoader(Ones(0), bs=1, num_workers=0))
learn = Learner(dls, Scale(), loss_func=MSELossFlat(), opt_func=SGD, lr=1e-3)
loss_func = torch.nn.MSELoss()
opt = torch.optim.SGD(learn.model.parameters(), lr=1e-3)
x, y = torch.ones(1, 1), torch.ones(1, 1)
whole, kernels = [], []
with learn.no_bar(), learn.no_logging():
    for _ in range(warmup + rounds):
        began = time.perf_counter()
        learn.fit(1)
        middle = time.perf_counter()
        for _ in range(steps):
            loss_func(learn.model(x), y).backward()
            opt.step()
            opt.zero_grad()
        end = time.perf_counter()
        whole.append((middle - began) / steps)
        kernels.append((end - middle) / steps)
least = float(np.median(kernels[warmup:]))
counted = [s - least for s in whole[warmup:]]
median = float(np.median(counted))
line = dict(
    warmup_steps=warmup,
    steps=rounds,
    median_step_s=median,
    p90_step_s=float(np.quantile(counted, 0.9)),
    min_step_s=min(counted),
    items_per_s=1 / median,
    items="steps",
    kernels_s=least,
    peak_rss_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    cpu_total_s=time.process_time(),
)
print(json.dumps(line))

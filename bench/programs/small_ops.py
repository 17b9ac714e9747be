"""The peer of small-ops.ts: a chain of additions of four numbers each, with PyTorch."""
import json
import os
import resource
import time

import numpy as np
import torch

warmup, steps, ops = 2, 20, 1000
torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
seconds = []
for _ in range(warmup + steps):
    began = time.perf_counter()
    one, x = torch.ones(4), torch.zeros(4)
    for _ in range(ops):
        x = torch.add(x, one)
    assert x[0].item() == ops
    seconds.append(time.perf_counter() - began)
counted = seconds[warmup:]
median = float(np.median(counted))
line = dict(
    warmup_steps=warmup,
    steps=steps,
    median_step_s=median,
    p90_step_s=float(np.quantile(counted, 0.9)),
    min_step_s=min(counted),
    items_per_s=ops / median,
    items="operations",
    peak_rss_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    cpu_total_s=time.process_time(),
)
print(json.dumps(line))

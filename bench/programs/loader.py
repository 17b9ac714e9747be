"""The peer of loader.ts: epochs of loading photos with fastai, nothing else."""
import json
import os
import re
import resource
import sys
import time
from pathlib import Path

import numpy as np
import torch
from fastai.vision.all import CategoryBlock, DataBlock, ImageBlock, RandomSplitter, Resize, get_image_files

warmup, epochs = 1, 5
images, bs, size, times = sys.argv[1], *map(int, sys.argv[2:])
threads = int(os.environ["OMP_NUM_THREADS"])
torch.set_num_threads(threads)
files = sorted(get_image_files(images)) * times
block = DataBlock(
    blocks=(ImageBlock, CategoryBlock),
    get_items=lambda _: files,
    get_y=lambda path: re.match(r"^(.*)_\d+\.jpg$", Path(path).name).group(1),
    splitter=RandomSplitter(0.01, seed=42),
    item_tfms=Resize(size),
)
dls = block.dataloaders(images, bs=bs, num_workers=threads)
seconds = []
for _ in range(warmup + epochs):
    began = time.perf_counter()
    n = sum(len(y) for _, y in dls.train)
    seconds.append(time.perf_counter() - began)
counted = seconds[warmup:]
median = float(np.median(counted))
children = resource.getrusage(resource.RUSAGE_CHILDREN)
line = dict(
    warmup_steps=warmup,
    steps=epochs,
    median_step_s=median,
    p90_step_s=float(np.quantile(counted, 0.9)),
    min_step_s=min(counted),
    items_per_s=n / median,
    items="images",
    peak_rss_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    cpu_total_s=time.process_time() + children.ru_utime + children.ru_stime,
)
print(json.dumps(line))

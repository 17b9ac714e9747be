"""start.py export IMAGES MODEL | start.py predict MODEL PHOTO: the peer of start.mjs, with fastai."""
import json
import resource
import sys
import time

began = time.perf_counter()
from fastai.vision.all import *

imported = time.perf_counter() - began


def export(images, model):
    dls = ImageDataLoaders.from_name_re(
        images,
        get_image_files(images),
        r"^(.*)_\d+.jpg$",
        item_tfms=Resize(160),
        batch_tfms=[*aug_transforms(size=128), Normalize.from_stats(*imagenet_stats)],
    )
    vision_learner(dls, resnet18, pretrained=False).export(model)


def predict(model, photo):
    learn = load_learner(model)
    with learn.no_bar(), learn.no_logging():
        label, _, _ = learn.predict(photo)
    line = dict(
        label=label,
        import_s=imported,
        peak_rss_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        cpu_total_s=time.process_time(),
    )
    print(json.dumps(line), flush=True)


command, first, second = sys.argv[1:]
{"export": export, "predict": predict}[command](first, second)

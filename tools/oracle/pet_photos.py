#!/usr/bin/env python3
"""Writes golden cases of topic `vision/images` from photographs: how fastai's Resize makes the bundled pets smaller and
larger, and how it resizes them where they are read as masks.

    python tools/oracle/pet_photos.py testdata/golden/vision/images

The photos stay where they are; the cases name them from their own folder. Schema golden/1."""
import json, pathlib, sys
import numpy as np
from PIL import Image
from safetensors.numpy import save as tensor_bytes
from fastai.vision.augment import Resize
from fastai.vision.core import PILImage, PILMask

OUT = pathlib.Path(sys.argv[1])
PETS = '../../../../apps/demo/data/pets/images'
PHOTOS = [p.name for p in sorted((OUT / PETS).glob('*.jpg'))[::75]]

def pixels(im): a = np.asarray(im); return a[..., None] if a.ndim == 2 else a

def case(name, what, sizes, mode, tolerance):
    rows, tensors = [], {}
    for photo in PHOTOS:
        source = (PILMask if mode == 'mask' else PILImage).create(OUT / PETS / photo)
        for size, method in sizes:
            t = Resize(size, method=method, pad_mode='reflection'); t.pcts = (.3, .6) if method == 'crop' else (.5, .5)
            key = f'{photo}_{size if isinstance(size, int) else "x".join(map(str, size))}_{method}'
            tensors[key] = pixels(t.encodes(source))
            rows.append(dict(key=key, file=f'{PETS}/{photo}', mode=mode, size=size, method=method, pad_mode='reflection', pcts=t.pcts))
    described = dict(schema='golden/1', set='dev', topic='vision/images', case=name, what=what, made_by=f'Pillow {Image.__version__}, fastai 2.8.12', config={}, inputs={},
                     expected={k: dict(shape=list(v.shape), dtype='uint8', tensor=k) for k, v in tensors.items()} | dict(rows=rows), tolerance=dict(rtol=0, atol=tolerance), tensors_file=f'{name}.safetensors')
    (OUT / f'{name}.json').write_text(json.dumps(described, indent=1) + '\n')
    (OUT / f'{name}.safetensors').write_bytes(tensor_bytes({k: np.ascontiguousarray(v) for k, v in tensors.items()}))

case('photos_down', 'fastai Resize of photographs to less than they are: within 3 grey levels', [(64, 'squish'), ((48, 80), 'crop'), ((72, 40), 'pad')], 'RGB', 3)
case('photos_up', 'fastai Resize of narrow parts of photographs to more than they are: within 1 grey level', [((400, 24), 'crop'), ((20, 480), 'crop')], 'RGB', 1)
case('photos_as_masks', 'fastai Resize of photographs read as masks, smaller and larger: the same bytes', [(64, 'squish'), ((48, 80), 'crop'), ((400, 36), 'crop')], 'mask', 0)

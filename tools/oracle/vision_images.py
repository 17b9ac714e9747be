#!/usr/bin/env python3
"""Writes the golden cases of topic `vision/images`: how Pillow decodes small files of every kind that users bring,
and how fastai's item transforms crop, pad and resize them.

    python tools/oracle/vision_images.py testdata/golden/vision/images

The pictures are made here, from formulas; they lie beside the cases, which name them. `refused.*` and the files
under `config.refused` are those that Pillow cannot or must not read. Expected pixels are bytes [h, w, c] (masks and
grey pictures: c = 1). Schema golden/1."""
import io, json, pathlib, struct, sys, zlib
import numpy as np
from PIL import Image, ImageOps
from safetensors.numpy import save as tensor_bytes
from fastai.vision.augment import RandomResizedCrop, Resize
from fastai.vision.core import PILImage, PILMask

OUT = pathlib.Path(sys.argv[1]); OUT.mkdir(parents=True, exist_ok=True)
rng = np.random.default_rng(7)

def scene(w, h, rough=0.0):
    """A picture with gradients, edges and some noise: colours differ per channel, no symmetry."""
    y, x = np.mgrid[0:h, 0:w] / np.array([h, w])[:, None, None]
    r = 40 + 170 * x + 25 * np.sin(9 * y + 4 * x)
    g = 210 - 150 * y + 30 * np.cos(14 * x * y + 2)
    b = 120 + 90 * np.sin(6 * (x - .3) ** 2 + 8 * y)
    p = np.stack([r, g, b], -1)
    disc = (x - .65) ** 2 + (y - .4) ** 2 < .04
    p[disc] = [235, 30, 60]
    p[int(.75 * h):int(.75 * h) + max(1, h // 20), :, :] = [10, 240, 20]
    p += rough * rng.normal(size=p.shape)
    return np.clip(p, 0, 255).astype(np.uint8)

def png16(a):
    """A PNG of 16 bits per channel; `a` is [h, w, c] uint16, c = 1 or 3."""
    h, w, c = a.shape
    chunk = lambda kind, data: struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
    rows = b''.join(b'\0' + row.astype('>u2').tobytes() for row in a)
    return b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', w, h, 16, 0 if c == 1 else 2, 0, 0, 0)) + chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b'')

def png_claiming(w, h):
    chunk = lambda kind, data: struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
    return b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', w, h, 8, 2, 0, 0, 0)) + chunk(b'IDAT', zlib.compress(b'\0' * 100)) + chunk(b'IEND', b'')

def icc():
    """A profile whose red and green are exchanged: whoever applies it gets other colours."""
    s15 = lambda v: struct.pack('>i', round(v * 65536))
    xyz = lambda *v: b'XYZ \0\0\0\0' + b''.join(map(s15, v))
    curve = b'curv\0\0\0\0' + struct.pack('>IH', 1, 0x233) + b'\0\0'
    text = b'text\0\0\0\0none\0' + b'\0' * 3
    name = b'desc\0\0\0\0' + struct.pack('>I', 8) + b'swapped\0' + b'\0' * 78
    tags = {b'desc': name, b'cprt': text, b'wtpt': xyz(.9642, 1, .8249), b'gXYZ': xyz(.4361, .2225, .0139), b'rXYZ': xyz(.3851, .7169, .0971),
            b'bXYZ': xyz(.1431, .0606, .7141), b'rTRC': curve, b'gTRC': curve, b'bTRC': curve}
    body, table, at = b'', b'', 128 + 4 + 12 * len(tags)
    for k, v in tags.items():
        v += b'\0' * (-len(v) % 4)
        table += k + struct.pack('>II', at + len(body), len(v)); body += v
    head = struct.pack('>I', at + len(body)) + b'\0' * 4 + struct.pack('>I', 0x02400000) + b'mntrRGB XYZ ' + struct.pack('>6H', 2020, 1, 1, 0, 0, 0) + b'acsp' + b'\0' * 28 + s15(.9642) + s15(1) + s15(.8249)
    return head.ljust(128, b'\0') + struct.pack('>I', len(tags)) + table + body

def save(name, im, **kw):
    im.save(OUT / name, **kw)
def write(name, data): (OUT / name).write_bytes(data)

# --- the files
small = scene(29, 23, 6)
im = Image.fromarray(small)
alpha = np.linspace(0, 255, 29 * 23).astype(np.uint8).reshape(23, 29)
FILES = ['rgb.jpg', 'rgb444.jpg', 'progressive.jpg', 'grey.jpg', 'cmyk.jpg', 'profile.jpg', 'rgb.png', 'rgba.png', 'grey-alpha.png', 'palette.png', 'palette-alpha.png',
         'grey.png', 'bilevel.png', 'grey16.png', 'rgb16.png', 'animated.gif', 'animated.webp', 'lossy.webp', 'alpha.webp', 'rgb.tiff', 'grey.tiff', 'lzw.tif']
save('rgb.jpg', im, quality=90); save('rgb444.jpg', im, quality=80, subsampling=0); save('progressive.jpg', im, quality=70, progressive=True)
save('grey.jpg', im.convert('L'), quality=90); save('cmyk.jpg', im.convert('CMYK'), quality=92); save('profile.jpg', im, quality=90, icc_profile=icc())
save('rgb.png', im); rgba = im.copy(); rgba.putalpha(Image.fromarray(alpha)); save('rgba.png', rgba); save('grey-alpha.png', rgba.convert('LA'))
save('palette.png', im.quantize(16)); p = im.quantize(8); save('palette-alpha.png', p, transparency=3)
save('grey.png', im.convert('L')); save('bilevel.png', im.convert('1'))
write('grey16.png', png16((small[..., :1].astype(np.uint16) * 257 + 100).clip(0, 65535))); write('rgb16.png', png16(small.astype(np.uint16) * 256 + rng.integers(0, 256, small.shape).astype(np.uint16)))
frames = [Image.fromarray(np.roll(small, 5 * i, 1)) for i in range(3)]
save('animated.gif', frames[0], save_all=True, append_images=frames[1:], duration=50); save('animated.webp', frames[0], save_all=True, append_images=frames[1:], duration=50, lossless=True)
save('lossy.webp', im, quality=80); save('alpha.webp', rgba, lossless=True)
save('rgb.tiff', im); save('grey.tiff', im.convert('L')); save('lzw.tif', im, compression='tiff_lzw')
for o in range(1, 9):
    exif = Image.Exif(); exif[0x0112] = o
    save(f'exif-{o}.jpg', im, quality=85, exif=exif); FILES.append(f'exif-{o}.jpg')

photo = Image.fromarray(scene(301, 199, 5)); save('photo.jpg', photo, quality=85)
tall = Image.fromarray(scene(22, 41, 4)); save('tall.png', tall, optimize=True)
mask = Image.fromarray(((np.mgrid[0:199, 0:301][0] // 17 * 7 + np.mgrid[0:199, 0:301][1] // 23) % 32).astype(np.uint8)); save('mask.png', mask, optimize=True)
large = Image.fromarray(scene(2400, 1700, 2)); save('large.jpg', large, quality=45, subsampling=2)

# --- what must be refused
jpeg = (OUT / 'rgb.jpg').read_bytes(); pngb = (OUT / 'rgb.png').read_bytes()
write('refused-truncated.jpg', jpeg[:len(jpeg) * 2 // 3]); write('refused-truncated.png', pngb[:len(pngb) * 2 // 3]); write('refused-empty.jpg', b'')
write('refused-garbage.jpg', bytes(rng.integers(0, 256, 500, dtype=np.uint8))); write('refused-half-header.jpg', jpeg[:20])
write('refused-huge.png', png_claiming(60000, 60000)); write('refused-large.png', png_claiming(14000, 14000))
write('refused-svg.jpg', b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/hostname" width="9" height="9"/></svg>')
write('refused-svg-plain.png', b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'); write('refused-pdf.png', b'%PDF-1.4\n1 0 obj\n<<>>\nendobj\n')
write('refused-html.jpg', b'<!DOCTYPE html><html><body>404 Not Found</body></html>'); save('refused-bitmap.bmp', im)

# --- the cases
def put(name, what, config, tensors, extra=None, tolerance=(0, 0)):
    case = dict(schema='golden/1', set='dev', topic='vision/images', case=name, what=what, made_by=f'Pillow {Image.__version__}, fastai 2.8.12', config=config, inputs={},
                expected={k: dict(shape=list(v.shape), dtype='uint8', tensor=k) for k, v in tensors.items()} | (extra or {}), tolerance=dict(rtol=tolerance[0], atol=tolerance[1]), tensors_file=f'{name}.safetensors')
    (OUT / f'{name}.json').write_text(json.dumps(case, indent=1) + '\n')
    (OUT / f'{name}.safetensors').write_bytes(tensor_bytes({k: np.ascontiguousarray(v) for k, v in tensors.items()}))

def pixels(im): a = np.asarray(im); return a[..., None] if a.ndim == 2 else a

decoded = {}
for f in FILES:
    with Image.open(OUT / f) as i:
        up = ImageOps.exif_transpose(i)
        if up.mode == 'I;16': up = Image.fromarray((np.asarray(up) >> 8).astype(np.uint8))
        for mode in ['RGB', 'L']: decoded[f'{f}.{mode}'] = pixels(up.convert(mode))
put('decode', 'ImageOps.exif_transpose(Image.open(file)).convert(mode) for each file and the modes RGB and L; 16-bit grey by its upper byte (Pillow makes it white)', dict(files=FILES, modes=['RGB', 'L']), decoded)

rows, tensors = [], {}
for f, sizes in [('photo.jpg', [40, (24, 56)]), ('tall.png', [24, (50, 37)])]:
    src = PILImage.create(OUT / f)
    for size in sizes:
        for method, pads in [('squish', ['reflection']), ('crop', ['reflection']), ('pad', ['zeros', 'border', 'reflection'])]:
            for pad in pads:
                pcts = (.23, .81) if method == 'crop' else (.5, .5)
                t = Resize(size, method=method, pad_mode=pad); t.pcts = pcts
                key = f'{f}_{size if isinstance(size, int) else "x".join(map(str, size))}_{method}_{pad}'
                tensors[key] = pixels(t.encodes(src)); rows.append(dict(key=key, file=f, mode='RGB', size=size, method=method, pad_mode=pad, pcts=pcts))
maskim = PILMask.create(OUT / 'mask.png')
for size in [48, (60, 35), (45, 130)]:
    for method in ['squish', 'crop', 'pad']:
        t = Resize(size, method=method); t.pcts = (.4, .1)
        key = f'mask_{size if isinstance(size, int) else "x".join(map(str, size))}_{method}'
        tensors[key] = pixels(t.encodes(maskim)); rows.append(dict(key=key, file='mask.png', mode='mask', size=size, method=method, pad_mode='reflection', pcts=(.4, .1)))
put('resize', 'fastai Resize.encodes of a file opened as RGB or as a mask, with the given pcts: the same bytes', dict(), tensors, dict(rows=rows))

src = PILImage.create(OUT / 'large.jpg'); rows, tensors = [], {}
for size in [48, (32, 72)]:
    for method in ['squish', 'crop']:
        t = Resize(size, method=method); t.pcts = (.3, .6); key = f'{size if isinstance(size, int) else "x".join(map(str, size))}_{method}'
        tensors[key] = pixels(t.encodes(src)); rows.append(dict(key=key, file='large.jpg', mode='RGB', size=size, method=method, pad_mode='reflection', pcts=(.3, .6)))
put('resize_large', 'fastai Resize of a photograph many times larger than the result: within 3 grey levels', dict(), tensors, dict(rows=rows), (0, 3))

src = PILImage.create(OUT / 'photo.jpg'); t = RandomResizedCrop(48, min_scale=.5); tensors = {}
t.before_call(src, 1); tensors['valid'] = pixels(t.encodes(src))
t.orig_sz, t.final_size, t.cp_size, t.tl = src.size, t.size, (187, 150), (61, 20); tensors['train'] = pixels(t.encodes(src))
put('random_resized_crop', 'fastai RandomResizedCrop(48, min_scale=.5): the validation path, and the training path with the given window', dict(file='photo.jpg', size=48, min_scale=.5, window=dict(crop_wh=[187, 150], tl_xy=[61, 20])), tensors)
print(sum(f.stat().st_size for f in OUT.iterdir()), 'bytes in', len(list(OUT.iterdir())), 'files')

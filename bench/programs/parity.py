"""The peer of parity.ts: `parity.py PEERS TASK SEED DATA WEIGHTS`. Saves the weights a fit begins with, and tells how it ends."""
import json
import struct
import sys
from pathlib import Path
from types import SimpleNamespace

peers, task, seed, data, weights = sys.argv[1:]
sys.path.insert(0, peers)
import t_vision as peer  # noqa: E402
import torch  # noqa: E402
from fastai.vision.all import accuracy, resnet18, set_seed, unet_learner, vision_learner  # noqa: E402

args = SimpleNamespace(data=Path(data), steps=None, bf16=False)


def pets_e2e():
    dls = peer.pets_dls(args)
    set_seed(int(seed))
    return vision_learner(dls, resnet18, pretrained=False, metrics=accuracy)


def unet_camvid():
    # The learner is made inside the peer's own task: it is caught where that would fit it.
    class Made(Exception):
        pass

    def caught(learn, *_, **__):
        raise Made(learn)

    peer.fit = caught
    peer.set_seed = lambda _: set_seed(int(seed))
    try:
        peer.unet_camvid(args, "default")
    except Made as made:
        return made.args[0]


def save_safetensors(state, path):
    """The format is a length, a header of JSON, and the numbers one after the other."""
    kinds = {torch.float32: "F32", torch.int64: "I64"}
    header, parts, at = {}, [], 0
    for name, w in state.items():
        part = w.detach().cpu().contiguous().numpy().tobytes()
        header[name] = dict(dtype=kinds[w.dtype], shape=list(w.shape), data_offsets=[at, at + len(part)])
        parts.append(part)
        at += len(part)
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.writelines(parts)


torch.set_num_threads(2)
set_seed(int(seed))
learn = {"pets-e2e": pets_e2e, "unet-camvid": unet_camvid}[task]()
save_safetensors(learn.model.state_dict(), weights)
set_seed(int(seed))
with learn.no_bar(), learn.no_logging():
    learn.fit_one_cycle(1, 1e-3)
_, loss, score = learn.recorder.values[-1]
print(json.dumps(dict(loss=float(loss), accuracy=float(score))))

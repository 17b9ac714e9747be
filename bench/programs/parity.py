"""The peer of parity.ts: `parity.py PEERS TASK SEED DATA WEIGHTS`. Saves the weights a fit begins with, and tells how it ends."""
import json
import struct
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

peers, task, seed, data, weights, *options = sys.argv[1:]
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


def imdb():
    """ULMFiT, as ours/imdb.ts has it; told all at once, because it begins with no common weights."""
    import common
    import t_text as text
    from fastai.text.all import (
        AWD_LSTM, Categorize, Datasets, ItemGetter, LMDataLoader, Numericalize, Pad_Chunk, Perplexity, SortedDL,
        awd_lstm_clas_config, awd_lstm_lm_config, language_model_learner, make_vocab, text_classifier_learner,
    )

    epochs = int(options[0])
    n = 5000
    (train, ty), (test, vy) = (common.reviews(f"{data}/imdb/{part}", n) for part in ("train", "test"))
    tokens, labels = text.tokens(train + test), ty + vy
    every = list(range(2 * n))
    kept = [i for i in every if i % 20]
    vocab = make_vocab(Counter(t for i in kept for t in tokens[i]), min_freq=3, max_vocab=8000)
    set_seed(int(seed))
    sets = Datasets(tokens, [[Numericalize(vocab)]], splits=[kept, every[::20]], dl_type=LMDataLoader)
    dls = sets.dataloaders(bs=64, seq_len=72)
    small = text.SIZES["small"]
    lm = language_model_learner(
        dls, AWD_LSTM, config={**awd_lstm_lm_config, **small}, drop_mult=0.3, pretrained=False, metrics=Perplexity(),
    )
    with lm.no_bar(), lm.no_logging():
        lm.fit_one_cycle(epochs, 1e-2)
    lm.path = Path(weights).parent
    lm.save_encoder("encoder")

    both = list(zip(tokens, labels))
    pipelines = [[ItemGetter(0), Numericalize(vocab)], [ItemGetter(1), Categorize()]]
    sets = Datasets(both, pipelines, splits=[every[:n], every[n:]])
    lens = [len(t) for t in tokens]
    dls = sets.dataloaders(
        bs=16, val_bs=64, dl_type=SortedDL, before_batch=Pad_Chunk(seq_len=72), num_workers=0, drop_last=False,
        dl_kwargs=[dict(res=lens[:n]), dict(val_res=lens[n:])],
    )
    learn = text_classifier_learner(
        dls, AWD_LSTM, seq_len=72, config={**awd_lstm_clas_config, **small}, drop_mult=0.5, pretrained=False,
        metrics=accuracy,
    )
    learn.path = lm.path
    learn.load_encoder("encoder")
    with learn.no_bar(), learn.no_logging():
        learn.freeze()
        learn.fit_one_cycle(1, 1e-2)
        learn.unfreeze()
        learn.fit_one_cycle(3, slice(5e-3 / 2.6, 5e-3))
    return learn, dict(perplexity=float(lm.recorder.values[-1][2]))


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
if task == "imdb":
    learn, more = imdb()
else:
    learn, more = {"pets-e2e": pets_e2e, "unet-camvid": unet_camvid}[task](), {}
    save_safetensors(learn.model.state_dict(), weights)
    set_seed(int(seed))
    with learn.no_bar(), learn.no_logging():
        learn.fit_one_cycle(1, 1e-3)
_, loss, score = learn.recorder.values[-1]
print(json.dumps(dict(loss=float(loss), accuracy=float(score), **more)))

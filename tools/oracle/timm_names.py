#!/usr/bin/env python3
"""Writes what timm calls the weights of networks whose names differ from torchvision's, each beside torchvision's name.

    python tools/oracle/timm_names.py testdata/names

Needs timm besides torch and torchvision. A pair is written only after both networks, with the same weights, gave the
same logits."""
import json, pathlib, sys
import timm, torch, torchvision

NETS = dict(vgg11_bn='vgg11_bn', mobilenet_v2='mobilenetv2_100', efficientnet_b0='efficientnet_b0', convnext_tiny='convnext_tiny')


def pairs(torchs, timms):
    ours, theirs = getattr(torchvision.models, torchs)().eval(), timm.create_model(timms).eval()
    with torch.no_grad():
        for p in theirs.parameters(): p.add_(torch.randn_like(p) * .02)
        for k, b in theirs.named_buffers():
            if 'var' in k: b.add_(torch.rand_like(b))
        named = list(zip(theirs.state_dict().items(), ours.state_dict().items()))
        ours.load_state_dict({key: value.reshape(like.shape) for (_, value), (key, like) in named})
        x = torch.randn(1, 3, 96, 96)
        assert torch.allclose(ours(x), theirs(x), atol=1e-4), torchs
    return [[a, b] for (a, _), (b, _) in named if 'num_batches' not in a]


if __name__ == '__main__':
    torch.manual_seed(0)
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    (out / 'timm.json').write_text(json.dumps({k: pairs(k, v) for k, v in NETS.items()}, separators=(',', ':')) + '\n')

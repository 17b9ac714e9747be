#!/usr/bin/env python3
"""Writes the golden cases of topic `vision/weights`: what networks with real, published weights answer.

    python tools/oracle/published_weights.py DATA testdata/golden/vision/weights

DATA/golden holds the published pairs (SqueezeNet 1.1, from the ONNX model zoo) and torch's answers for one photo;
the weights lie in DATA/weights, those of MobileNetV2 are bundled too. Schema golden/1."""
import json, pathlib, sys
import numpy as np
from safetensors.numpy import save_file

DATA, OUT = pathlib.Path(sys.argv[1]) / 'golden', pathlib.Path(sys.argv[2])
OUT.mkdir(parents=True, exist_ok=True)

def case(name, what, x, answers):
    """`answers`: key -> (architecture, file of weights, expected tensor); the key's end says what is compared."""
    tensors = {'x': np.ascontiguousarray(x, np.float32)}
    expected, nets = {}, {}
    for key, (arch, weights, y) in answers.items():
        tensors[key] = np.ascontiguousarray(y, np.float32)
        atol = float(2e-6 * np.abs(y).max())
        expected[key] = {'shape': list(y.shape), 'dtype': 'float32', 'tensor': key, 'atol': atol, 'rtol': 0}
        nets[key] = {'arch': arch, 'weights': weights}
    save_file(tensors, OUT / f'{name}.safetensors')
    body = {'schema': 'golden/1', 'set': 'own', 'topic': 'vision/weights', 'case': name, 'what': what,
            'made_by': 'tools/oracle/published_weights.py', 'config': {'nets': nets},
            'inputs': {'x': {'kind': 'tensor', 'tensor': 'x'}}, 'expected': expected,
            'tolerance': {'rtol': 0, 'atol': 0}, 'tensors_file': f'{name}.safetensors'}
    (OUT / f'{name}.json').write_text(json.dumps(body, indent=1) + '\n')

mobilenet, squeezenet = 'mobilenet_v2_body.safetensors', 'squeezenet1_1.safetensors'
torch = np.load(DATA / 'torch_reference_features.npz')
case('photo', 'one photo of a pet through two pretrained networks, as torch computes them', torch['input'], {
    'mobilenet_v2.pool': ('mobilenet_v2', mobilenet, torch['mobilenet_v2_pool']),
    'squeezenet1_1.logits': ('squeezenet1_1', squeezenet, torch['squeezenet1_1_logits'])})
published = np.load(DATA / 'squeezenet1_1.npz')
for i in range(3):
    case(f'squeezenet1_1_{i}', 'an input and the output that the network was published with', published[f'input_{i}'], {
        'squeezenet1_1.logits': ('squeezenet1_1', squeezenet, published[f'output_{i}'])})

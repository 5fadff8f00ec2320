// The Python module: what it is, constants, the reader of the weights, layers, network, and what it does as a script.
import { constantSource } from './constant-source.js';
import type { PyTorchModel, PyTorchNetwork } from './model.js';
import { networkSource } from './network-source.js';
import { operationSource } from './operation-source.js';

/** What modules of image networks import. */
export const imports = `\
from __future__ import annotations

import functools
import json
import struct
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional`;

/** The function that reads the weights. */
export const readerSource = `\
DTYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
}


def read_safetensors(path: str | Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The tensors and the metadata of a safetensors file."""
    data = Path(path).read_bytes()
    (header_size,) = struct.unpack_from("<Q", data)
    start = 8 + header_size
    header = json.loads(data[8:start])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        if start + end > len(data):
            raise ValueError(f"{path} is cut short: {name} should end at byte {start + end}")
        # A tensor keeps the memory that it is made from, and may write to it: hence a copy.
        values = torch.frombuffer(
            bytearray(data[start + begin : start + end]), dtype=DTYPES[entry["dtype"]]
        )
        tensors[name] = values.reshape(entry["shape"])
    return tensors, metadata`;

/** The function that makes a network of a file, to do what the verb says. */
export function loader(verb: string): string {
  return `\
def load(path: str | Path = "weights.safetensors") -> Network:
    """The network with the weights of a file, ready to ${verb} (in evaluation mode)."""
    network = Network()
    tensors, _ = read_safetensors(path)
    for name, value in network.state_dict().items():
        # PyTorch's counters of training batches, which files need not hold.
        if name.endswith(".num_batches_tracked"):
            tensors.setdefault(name, value)
    network.load_state_dict(tensors, strict=True)
    return network.eval()`;
}

/** The text of `model.py`. */
export function moduleSource(model: PyTorchModel): string {
  const { network, genotype } = model;
  const used = new Set(
    [genotype.normal, genotype.reduce].flatMap(({ nodes }) => nodes.flat().map(({ primitive }) => primitive)),
  );
  return `${[
    `${description(network)}\n\n${imports}`,
    ...constantSource(model),
    ...networkSource(network, operationSource(used)),
    readerSource,
    loader('classify'),
    script(network),
    'if __name__ == "__main__":\n    main()',
  ].join('\n\n\n')}\n`;
}

function description({ name, cells, classes, image, auxiliary }: PyTorchNetwork): string {
  const shape = `[N, ${image.channels}, ${image.height}, ${image.width}]`;
  return `\
"""An image classifier of ${cells} cells (${name} network), as genonnx exported it.

    from model import load

    network = load("weights.safetensors")
    ${auxiliary ? 'logits, auxiliary' : 'logits'} = network(images)  # ${shape} -> [N, ${classes}]

Needs PyTorch 1.12 or later, and nothing else. Parameters have the names that DARTS's PyTorch
definitions give them, so that state dicts go both ways. \`Network()\` has fresh weights; drop path,
which matters in training only, is left to whoever trains it.

As a script, it loads the weights beside it and classifies random images.
"""`;
}

function script({ auxiliary }: PyTorchNetwork): string {
  return `\
def main() -> None:
    network = load(Path(__file__).with_name("weights.safetensors"))
    images = torch.randn(2, *IMAGE_SHAPE)
    with torch.no_grad():
        logits${auxiliary ? ', auxiliary' : ''} = network(images)
    print(f"images: {list(images.shape)}")
    print(f"logits: {list(logits.shape)}")
${
  auxiliary
    ? `\
    print(f"auxiliary logits: {list(auxiliary.shape)}")
    head = sum(values.numel() for values in network.auxiliary_head.parameters())
    print(f"parameters: {sum(values.numel() for values in network.parameters()) - head}")
    print(f"parameters of the auxiliary head: {head}")`
    : `\
    print(f"parameters: {sum(values.numel() for values in network.parameters())}")`
}`;
}

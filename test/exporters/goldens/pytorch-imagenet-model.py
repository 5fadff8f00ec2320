"""An image classifier of 3 cells (imagenet network), as genonnx exported it.

    from model import load

    network = load("weights.safetensors")
    logits, auxiliary = network(images)  # [N, 3, 224, 224] -> [N, 5]

Needs PyTorch 1.12 or later, and nothing else. Parameters have the names that DARTS's PyTorch
definitions give them, so that state dicts go both ways. `Network()` has fresh weights; drop path,
which matters in training only, is left to whoever trains it.

As a script, it loads the weights beside it and classifies random images.
"""

from __future__ import annotations

import functools
import json
import struct
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional


class CellGenotype(NamedTuple):
    """What a cell computes.

    State 0 is the output of the cell before the previous one, state 1 that of the previous one, and
    state 2 + i is node i: the sum of its operations, each applied to the state that it names.
    The states in `concat`, side by side along the channels, are the output.
    """

    nodes: list[list[tuple[str, int]]]
    concat: list[int]


NORMAL = CellGenotype(
    nodes=[
        [("max_pool_3x3", 0), ("skip_connect", 1)],
        [("avg_pool_3x3", 2)],
    ],
    concat=[2, 3],
)

REDUCE = CellGenotype(
    nodes=[
        [("max_pool_3x3", 0), ("skip_connect", 1)],
        [("avg_pool_3x3", 2)],
    ],
    concat=[2, 3],
)

CELLS = 3
INIT_CHANNELS = 4  # of the nodes of the first cells; each reduction doubles them
CLASSES = 5
IMAGE_SHAPE = (3, 224, 224)  # channels, height, width

# The cells that halve height and width.
REDUCTIONS = {CELLS // 3, 2 * CELLS // 3}

# The cell whose output the auxiliary head sees.
AUXILIARY_CELL = 2 * CELLS // 3

# What the model says of itself. Where known, class labels and the normalisation that images need
# are JSON, under "classes" and "normalisation".
METADATA: dict[str, str] = {
    "parameters": "1447",
    "macs": "1216928",
    "tool": "genonnx 0",
}


def pointwise(inputs: int, outputs: int, stride: int = 1) -> nn.Conv2d:
    """A 1x1 convolution: [N, inputs, H, W] -> [N, outputs, H/stride, W/stride]."""
    return nn.Conv2d(inputs, outputs, 1, stride, bias=False)


class ReluConvNorm(nn.Module):
    """ReLU, 1x1 convolution, batch norm: [N, inputs, H, W] -> [N, outputs, H, W]."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.op = nn.Sequential(nn.ReLU(), pointwise(inputs, outputs), nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> Tensor:
        return self.op(x)


class FactorizedReduce(nn.Module):
    """Halves an even extent without losing pixels: [N, inputs, H, W] -> [N, outputs, H/2, W/2].

    One half of the channels comes from the pixels at even places, the other from those at odd ones.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv_1 = pointwise(inputs, outputs // 2, stride=2)
        self.conv_2 = pointwise(inputs, outputs // 2, stride=2)
        self.bn = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.relu(x)
        return self.bn(torch.cat([self.conv_1(x), self.conv_2(x[:, :, 1:, 1:])], dim=1))


def build_operation(primitive: str, channels: int, stride: int) -> nn.Module:
    """A primitive of the genotype: [N, C, H, W] -> [N, C, H/stride, W/stride], with C channels."""
    if primitive == "max_pool_3x3":
        return nn.MaxPool2d(3, stride, padding=1)
    if primitive == "avg_pool_3x3":
        return nn.AvgPool2d(3, stride, padding=1, count_include_pad=False)
    if primitive == "skip_connect":
        return nn.Identity() if stride == 1 else FactorizedReduce(channels, channels)
    raise ValueError(f"unknown primitive: {primitive!r}")


class Cell(nn.Module):
    """A cell of the genotype: the outputs of the two cells before it -> [N, len(concat) * C, H, W].

    Args:
        older: channels of the output of the cell before the previous one.
        newer: channels of the output of the previous cell.
        channels: C, those of each node.
        reduction: whether operations on the two inputs halve height and width.
        halved: whether the newer input already has half the extent of the older one.
    """

    def __init__(
        self,
        genotype: CellGenotype,
        older: int,
        newer: int,
        channels: int,
        reduction: bool,
        halved: bool,
    ) -> None:
        super().__init__()
        self.genotype = genotype
        self.preprocess0 = (FactorizedReduce if halved else ReluConvNorm)(older, channels)
        self.preprocess1 = ReluConvNorm(newer, channels)
        self._ops = nn.ModuleList(
            [
                build_operation(primitive, channels, 2 if reduction and source < 2 else 1)
                for node in genotype.nodes
                for primitive, source in node
            ]
        )

    def forward(self, older: Tensor, newer: Tensor) -> Tensor:
        states = [self.preprocess0(older), self.preprocess1(newer)]
        operations = iter(self._ops)
        for node in self.genotype.nodes:
            terms = [next(operations)(states[source]) for _, source in node]
            states.append(functools.reduce(torch.add, terms))
        return torch.cat([states[source] for source in self.genotype.concat], dim=1)


class AuxiliaryHead(nn.Module):
    """Logits half-way, which help in training: [N, channels, H, W] -> [N, classes].

    Height and width are 7 to 8, so that the pooling leaves 2x2 pixels, the convolution one.
    """

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.ReLU(),
            nn.AvgPool2d(5, stride=2),
            nn.Conv2d(channels, 128, 1, bias=False),
            nn.BatchNorm2d(128),
            nn.ReLU(),
            nn.Conv2d(128, 768, 2, bias=False),
            nn.ReLU(),
        )
        self.classifier = nn.Linear(768, classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.features(x).flatten(1))


class Network(nn.Module):
    """A stem, the cells, global average pooling, and a linear layer."""

    def __init__(self) -> None:
        super().__init__()
        self.stem0 = nn.Sequential(
            nn.Conv2d(IMAGE_SHAPE[0], INIT_CHANNELS // 2, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(INIT_CHANNELS // 2),
            nn.ReLU(),
            nn.Conv2d(INIT_CHANNELS // 2, INIT_CHANNELS, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(INIT_CHANNELS),
        )
        self.stem1 = nn.Sequential(
            nn.ReLU(),
            nn.Conv2d(INIT_CHANNELS, INIT_CHANNELS, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(INIT_CHANNELS),
        )
        self.cells = nn.ModuleList()
        older = newer = INIT_CHANNELS
        channels = INIT_CHANNELS
        halved = True
        for index in range(CELLS):
            reduction = index in REDUCTIONS
            genotype = REDUCE if reduction else NORMAL
            if reduction:
                channels *= 2
            self.cells.append(Cell(genotype, older, newer, channels, reduction, halved))
            older, newer, halved = newer, len(genotype.concat) * channels, reduction
            if index == AUXILIARY_CELL:
                self.auxiliary_head = AuxiliaryHead(newer, CLASSES)
        self.classifier = nn.Linear(newer, CLASSES)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """images [N, 3, 224, 224] -> logits [N, 5] and auxiliary logits [N, 5]."""
        older = self.stem0(images)
        newer = self.stem1(older)
        for index, cell in enumerate(self.cells):
            older, newer = newer, cell(older, newer)
            if index == AUXILIARY_CELL:
                auxiliary = self.auxiliary_head(newer)
        return self.classifier(newer.mean(dim=(2, 3))), auxiliary


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
    return tensors, metadata


def load(path: str | Path = "weights.safetensors") -> Network:
    """The network with the weights of a file, ready to classify (in evaluation mode)."""
    network = Network()
    tensors, _ = read_safetensors(path)
    for name, value in network.state_dict().items():
        # PyTorch's counters of training batches, which files need not hold.
        if name.endswith(".num_batches_tracked"):
            tensors.setdefault(name, value)
    network.load_state_dict(tensors, strict=True)
    return network.eval()


def main() -> None:
    network = load(Path(__file__).with_name("weights.safetensors"))
    images = torch.randn(2, *IMAGE_SHAPE)
    with torch.no_grad():
        logits, auxiliary = network(images)
    print(f"images: {list(images.shape)}")
    print(f"logits: {list(logits.shape)}")
    print(f"auxiliary logits: {list(auxiliary.shape)}")
    head = sum(values.numel() for values in network.auxiliary_head.parameters())
    print(f"parameters: {sum(values.numel() for values in network.parameters()) - head}")
    print(f"parameters of the auxiliary head: {head}")


if __name__ == "__main__":
    main()

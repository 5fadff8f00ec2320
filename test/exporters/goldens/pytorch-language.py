"""A language model around one recurrent cell, over 50 words, as genonnx exported it.

    from model import load

    network = load("weights.safetensors")
    logits, present = network(input_ids)  # [batch, sequence] -> [batch, sequence, 50]
    logits, present = network(next_ids, present)

`input_ids` are words by their lines in the vocabulary, counted from 0. `present` is the hidden
state after them, [1, batch, width], with which a text goes on; it begins with zeros.

Needs PyTorch 1.12 or later, and nothing else. Parameters have the names that DARTS's PyTorch
definitions give them, so that state dicts go both ways. `Network()` has fresh weights; dropout,
which matters in training only, is left to whoever trains it.

As a script, it loads the weights beside it and asks for the words behind a random text.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path

import torch
from torch import Tensor, nn


WORDS = 50
WIDTH = 12  # of embeddings and hidden states

# State 0 is made of the input and the hidden state; state 1 + i is node i, whose operations are
# each applied to the state that they name.
NODES: list[list[tuple[str, int]]] = [
    [("relu", 0)],
    [("tanh", 0), ("identity", 1)],
    [("relu", 2), ("sigmoid", 2)],
    [("tanh", 1)],
    [("relu", 4), ("tanh", 0), ("identity", 3)],
    [("sigmoid", 5)],
    [("relu", 6), ("relu", 1)],
    [("identity", 7)],
]
# The states whose mean is the next hidden state.
CONCAT = [1, 2, 3, 4, 5, 6, 7, 8]

ACTIVATIONS = {
    "relu": torch.relu,
    "tanh": torch.tanh,
    "identity": lambda x: x,
    "sigmoid": torch.sigmoid,
}

# What the model says of itself.
METADATA: dict[str, str] = {
    "parameters": "3530",
    "macs": "4632",
    "tool": "genonnx 0",
}


def fresh(rows: int, columns: int) -> nn.Parameter:
    """Weights as the released definitions begin with."""
    return nn.Parameter(torch.empty(rows, columns).uniform_(-0.04, 0.04))


def highway(state: Tensor, product: Tensor, activation: str) -> Tensor:
    """From a state towards what is activated, as far as the gate lets: product [batch, 2 width]."""
    gate, candidate = product.chunk(2, dim=1)
    return state + torch.sigmoid(gate) * (ACTIVATIONS[activation](candidate) - state)


class Cell(nn.Module):
    """One step: the input and the hidden state, [batch, width] each, to the next hidden state."""

    def __init__(self) -> None:
        super().__init__()
        self._W0 = fresh(2 * WIDTH, 2 * WIDTH)
        self._Ws = nn.ParameterList([fresh(WIDTH, 2 * WIDTH) for _ in NODES])

    def forward(self, x: Tensor, hidden: Tensor) -> Tensor:
        gate, candidate = (torch.cat([x, hidden], dim=1) @ self._W0).chunk(2, dim=1)
        states = [hidden + torch.sigmoid(gate) * (torch.tanh(candidate) - hidden)]
        for weight, operations in zip(self._Ws, NODES):
            outputs = [
                highway(states[source], states[source] @ weight, activation)
                for activation, source in operations
            ]
            states.append(torch.stack(outputs).mean(dim=0))
        return torch.stack([states[source] for source in CONCAT]).mean(dim=0)


class Network(nn.Module):
    """Words [batch, sequence] and a hidden state [1, batch, width], zeros when absent, to the
    logits of the word behind each of them, [batch, sequence, words], and the hidden state after.
    """

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Embedding(WORDS, WIDTH)
        self.rnns = nn.ModuleList([Cell()])
        self.decoder = nn.Linear(WIDTH, WORDS)
        # One matrix with two uses.
        self.decoder.weight = self.encoder.weight
        nn.init.uniform_(self.encoder.weight, -0.04, 0.04)
        nn.init.zeros_(self.decoder.bias)

    def forward(self, input_ids: Tensor, past: Tensor | None = None) -> tuple[Tensor, Tensor]:
        if past is None:
            past = self.encoder.weight.new_zeros(1, input_ids.shape[0], WIDTH)
        hidden = past[0]
        outputs = []
        for x in self.encoder(input_ids).unbind(dim=1):
            hidden = self.rnns[0](x, hidden)
            outputs.append(hidden)
        return self.decoder(torch.stack(outputs, dim=1)), hidden[None]


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
    """The network with the weights of a file, ready to be asked (in evaluation mode)."""
    network = Network()
    tensors, _ = read_safetensors(path)
    # Files need not hold the matrix twice.
    table = tensors.get("encoder.weight")
    if table is not None and not torch.equal(tensors.setdefault("decoder.weight", table), table):
        raise ValueError(f"{path}: decoder.weight is not encoder.weight, and here both are one")
    network.load_state_dict(tensors, strict=True)
    return network.eval()


def main() -> None:
    network = load(Path(__file__).with_name("weights.safetensors"))
    input_ids = torch.randint(WORDS, (1, 8))
    with torch.no_grad():
        logits, present = network(input_ids)
    print(f"input_ids: {list(input_ids.shape)}")
    print(f"logits: {list(logits.shape)}")
    print(f"present: {list(present.shape)}")
    print(f"likeliest words behind them: {logits[0, -1].topk(min(5, WORDS)).indices.tolist()}")
    print(f"parameters: {sum(values.numel() for values in network.parameters())}")


if __name__ == "__main__":
    main()

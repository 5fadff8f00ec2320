// The Python module of a language model: constants, the reader of the weights, the cell, the network, and what it does as a script.
import type { PyTorchActivation, PyTorchLanguageModel, PyTorchRecurrentCell } from './language-model.js';
import { readerSource } from './module-source.js';
import { dictionaryLines, listLines, pythonString } from './python.js';

const imports = `\
from __future__ import annotations

import json
import struct
from pathlib import Path

import torch
from torch import Tensor, nn`;

const activations: { readonly [A in PyTorchActivation]: string } = {
  tanh: 'torch.tanh',
  relu: 'torch.relu',
  sigmoid: 'torch.sigmoid',
  identity: 'lambda x: x',
};

/** Members of the metadata that the module holds as data already. */
const saidElsewhere: ReadonlySet<string> = new Set(['genotype', 'network']);

/** The text of `model.py`. */
export function languageSource({ network, genotype, metadata }: PyTorchLanguageModel): string {
  const { words, width, combination } = network;
  return `${[
    `${description(words)}\n\n${imports}`,
    constants({ words, width }, genotype.recurrent, metadata),
    cell(combination),
    networkClass,
    readerSource,
    loader,
    script,
    'if __name__ == "__main__":\n    main()',
  ].join('\n\n\n')}\n`;
}

function description(words: number): string {
  return `\
"""A language model around one recurrent cell, over ${words} words, as genonnx exported it.

    from model import load

    network = load("weights.safetensors")
    logits, present = network(input_ids)  # [batch, sequence] -> [batch, sequence, ${words}]
    logits, present = network(next_ids, present)

\`input_ids\` are words by their lines in the vocabulary, counted from 0. \`present\` is the hidden
state after them, [1, batch, width], with which a text goes on; it begins with zeros.

Needs PyTorch 1.12 or later, and nothing else. Parameters have the names that DARTS's PyTorch
definitions give them, so that state dicts go both ways. \`Network()\` has fresh weights; dropout,
which matters in training only, is left to whoever trains it.

As a script, it loads the weights beside it and asks for the words behind a random text.
"""`;
}

function constants(
  { words, width }: { readonly words: number; readonly width: number },
  { nodes, concat }: PyTorchRecurrentCell,
  metadata: PyTorchLanguageModel['metadata'],
): string {
  const rest = Object.entries(metadata).filter(([name]) => !saidElsewhere.has(name));
  const used = new Set(nodes.flat().map(({ primitive }) => primitive));
  const rows = nodes.flatMap((node) =>
    listLines(
      node.map(({ primitive, input }) => `(${pythonString(primitive)}, ${input})`),
      4,
    ),
  );
  // The lines of an item of a list end with a comma; a statement does not.
  const output = listLines(concat.map(String), 0, 'CONCAT = ').join('\n').replace(/,$/, '');
  return `\
WORDS = ${words}
WIDTH = ${width}  # of embeddings and hidden states

# State 0 is made of the input and the hidden state; state 1 + i is node i, whose operations are
# each applied to the state that they name.
NODES: list[list[tuple[str, int]]] = [
${rows.join('\n')}
]
# The states whose mean is the next hidden state.
${output}

ACTIVATIONS = {
${[...used].map((name) => `    ${pythonString(name)}: ${activations[name]},`).join('\n')}
}

# What the model says of itself.
${dictionaryLines(rest, 'METADATA: dict[str, str] = ').join('\n')}`;
}

function cell(combination: PyTorchLanguageModel['network']['combination']): string {
  return `\
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
            states.append(torch.stack(outputs).${combination}(dim=0))
        return torch.stack([states[source] for source in CONCAT]).mean(dim=0)`;
}

const networkClass = `\
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
        return self.decoder(torch.stack(outputs, dim=1)), hidden[None]`;

const loader = `\
def load(path: str | Path = "weights.safetensors") -> Network:
    """The network with the weights of a file, ready to be asked (in evaluation mode)."""
    network = Network()
    tensors, _ = read_safetensors(path)
    # Files need not hold the matrix twice.
    table = tensors.get("encoder.weight")
    if table is not None and not torch.equal(tensors.setdefault("decoder.weight", table), table):
        raise ValueError(f"{path}: decoder.weight is not encoder.weight, and here both are one")
    network.load_state_dict(tensors, strict=True)
    return network.eval()`;

const script = `\
def main() -> None:
    network = load(Path(__file__).with_name("weights.safetensors"))
    input_ids = torch.randint(WORDS, (1, 8))
    with torch.no_grad():
        logits, present = network(input_ids)
    print(f"input_ids: {list(input_ids.shape)}")
    print(f"logits: {list(logits.shape)}")
    print(f"present: {list(present.shape)}")
    print(f"likeliest words behind them: {logits[0, -1].topk(min(5, WORDS)).indices.tolist()}")
    print(f"parameters: {sum(values.numel() for values in network.parameters())}")`;

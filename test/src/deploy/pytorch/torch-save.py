"""Saves checkpoints with PyTorch: python torch-save.py FOLDER

`checkpoint.pt` is what trainings leave: a state dict in every type of numbers, its tensors views of shared storages, beside
what else they note down. The other files are what people have, too, and what cannot be read as tensors alone. Exit code
86 says that there is no PyTorch here.
"""
import argparse
import sys
from collections import OrderedDict
from pathlib import Path

try:
    import torch
except Exception as error:
    print(f"{sys.executable}: {error}", file=sys.stderr)
    sys.exit(86)

folder = Path(sys.argv[1])
base = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4) / 8 - 1
state = OrderedDict(
    {
        "plain.weight": base,
        "transposed.weight": base.transpose(0, 2),
        "sliced.weight": base[:, 1:, ::2],
        "half.weight": base.half(),
        "bfloat.weight": base.bfloat16(),
        "double.weight": base.double() * (1 + 1e-12),
        "scalar": torch.tensor(2.5),
        "empty": torch.zeros(0, 3),
        "parameter": torch.nn.Parameter(base[0]),
        "norm.num_batches_tracked": torch.tensor(7),
    }
)
wrapped = OrderedDict((f"module.{name}", value) for name, value in state.items())
state._metadata = wrapped._metadata = OrderedDict({"": {"version": 1}})
checkpoint = {
    "epoch": 3,
    "steps": 1 << 40,
    "negative": -70000,
    "many": 300,
    "learning_rate": 0.025,
    "finished": False,
    "best": None,
    "words": ["a", ("b", ["c"])],
    "accuracy": torch.tensor(97.2),
    "state_dict": wrapped,
    "optimizer": {"state": {0: {"momentum_buffer": base}}, "param_groups": [{"lr": 0.025, "params": [0]}]},
}
torch.save(checkpoint, folder / "checkpoint.pt")
torch.save(state, folder / "state.pt")
torch.save(state, folder / "protocol-4.pt", pickle_protocol=4)
torch.save({"model": {"state_dict": state}}, folder / "nested.pt")
torch.save(state, folder / "legacy.pt", _use_new_zipfile_serialization=False)
torch.save({"args": argparse.Namespace(lr=1), "state_dict": state}, folder / "namespace.pt")
module = torch.nn.Sequential(torch.nn.Linear(2, 2))
torch.save(module, folder / "module.pt")
torch.jit.save(torch.jit.script(module), str(folder / "script.pt"))
torch.save({"epoch": 3}, folder / "empty.pt")
torch.save({"model": state, "net": state}, folder / "twice.pt")
torch.save({"weight": torch.arange(3)}, folder / "whole.pt")
torch.save({"weight": torch.zeros(1).expand(1000, 1000)}, folder / "expanded.pt")
torch.save({"weight": torch.tensor([1e300], dtype=torch.float64)}, folder / "huge.pt")

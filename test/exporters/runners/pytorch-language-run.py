"""Runs exported language models: python pytorch-language-run.py FOLDER...

In each folder lie `model.py`, `weights.safetensors` and `inputs.safetensors` (`input_ids`, `past`). Written into it are
`outputs.safetensors` (`logits`, `present`; the same from two halves of the text, `halves.*`, and without a past, `fresh`),
`state.pt` (the state dict, saved by PyTorch) and `report.json`: what the module prints, the names of its parameters, what
it says to broken files. Exit code 86 says that there is no PyTorch here.
"""
import contextlib
import io
import json
import runpy
import struct
import sys
from pathlib import Path

try:
    import torch
except Exception as error:
    print(f"{sys.executable}: {error}", file=sys.stderr)
    sys.exit(86)


def write_safetensors(path, tensors):
    header, end = {}, 0
    blobs = [values.reshape(-1).view(torch.uint8).numpy().tobytes() for values in tensors.values()]
    for (name, values), blob in zip(tensors.items(), blobs):
        begin, end = end, end + len(blob)
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def message(action, *arguments):
    """What an action fails with."""
    try:
        action(*arguments)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "no error"


def run(folder):
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        module = runpy.run_path(str(folder / "model.py"), run_name="__main__")
    read, load = module["read_safetensors"], module["load"]
    network = load(str(folder / "weights.safetensors"))
    inputs = read(folder / "inputs.safetensors")[0]
    ids, past = inputs["input_ids"], inputs["past"]
    half = ids.shape[1] // 2
    with torch.no_grad():
        logits, present = network(ids, past)
        first, between = network(ids[:, :half], past)
        second, last = network(ids[:, half:], between)
        fresh, _ = network(ids)
        zeros, _ = network(ids, torch.zeros_like(past))
    halves = torch.cat([first, second], dim=1)
    outputs = {"logits": logits, "present": present, "halves.logits": halves, "halves.present": last}
    write_safetensors(folder / "outputs.safetensors", outputs)
    state = network.state_dict()
    torch.save(state, folder / "state.pt")
    partial, untied = folder / "partial.safetensors", folder / "untied.safetensors"
    write_safetensors(partial, {k: v for k, v in state.items() if k != "decoder.bias"})
    write_safetensors(untied, {**state, "decoder.weight": state["decoder.weight"] + 1})
    report = {
        "printed": printed.getvalue(),
        "training": network.training,
        "beginsWithZeros": torch.equal(fresh, zeros),
        "parameters": {name: list(values.shape) for name, values in network.named_parameters()},
        "state": list(state),
        "errors": {"partial": message(load, partial), "untied": message(load, untied)},
        "moduleMetadata": module["METADATA"],
    }
    (folder / "report.json").write_text(json.dumps(report))


for argument in sys.argv[1:]:
    run(Path(argument))

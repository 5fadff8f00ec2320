"""Runs exported modules: python pytorch-run.py FOLDER...

In each folder lie `model.py`, `weights.safetensors` and `images.safetensors` (the tensor `images`). Written into it are
`outputs.safetensors` (the outputs by name), `state.safetensors` (the state dict) and `report.json`: what the module
prints, whether it reads state dicts of several types back to the last bit, what it says to broken files. Exit code 86
says that there is no PyTorch here.
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

DTYPES = {
    torch.float64: "F64",
    torch.float32: "F32",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.int64: "I64",
}


def bits(values):
    return values.reshape(-1).view(torch.uint8).numpy().tobytes()


def write_safetensors(path, tensors):
    header, end = {}, 0
    for name, values in tensors.items():
        begin, end = end, end + len(bits(values))
        header[name] = {
            "dtype": DTYPES[values.dtype],
            "shape": list(values.shape),
            "data_offsets": [begin, end],
        }
    text = json.dumps(header).encode()
    blobs = b"".join(map(bits, tensors.values()))
    path.write_bytes(struct.pack("<Q", len(text)) + text + blobs)


def rounded(tensors, dtype):
    return {
        name: values.to(dtype) if values.is_floating_point() else values
        for name, values in tensors.items()
    }


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
    images = read(folder / "images.safetensors")[0]["images"]
    with torch.no_grad():
        outputs = network(images)
    if isinstance(outputs, torch.Tensor):
        outputs = (outputs,)
    write_safetensors(
        folder / "outputs.safetensors", dict(zip(("logits", "auxiliaryLogits"), outputs))
    )
    state = network.state_dict()
    write_safetensors(folder / "state.safetensors", state)

    unequal = []
    for dtype in (torch.float32, torch.float64, torch.float16, torch.bfloat16):
        path = folder / "again.safetensors"
        write_safetensors(path, rounded(state, dtype))
        again = load(path).state_dict()
        expected = rounded(rounded(state, dtype), torch.float32)
        unequal += [
            f"{dtype} {name}" for name in expected if bits(expected[name]) != bits(again[name])
        ]
    short, partial = folder / "short.safetensors", folder / "partial.safetensors"
    short.write_bytes((folder / "weights.safetensors").read_bytes()[:-1])
    write_safetensors(partial, {k: v for k, v in state.items() if k != "classifier.bias"})
    report = {
        "printed": printed.getvalue(),
        "training": network.training,
        "unequalOnReload": unequal,
        "errors": {"short": message(load, short), "partial": message(load, partial)},
        "moduleMetadata": module["METADATA"],
        "fileMetadata": read(folder / "weights.safetensors")[1],
    }
    (folder / "report.json").write_text(json.dumps(report))


for argument in sys.argv[1:]:
    run(Path(argument))

"""The ONNX model that PyTorch's own exporter makes of a folder that `genonnx export --to pytorch` wrote."""

import sys

import torch

folder, out = sys.argv[1:]
sys.path.insert(0, folder)
from model import IMAGE_SHAPE, load  # noqa: E402

torch.onnx.export(
    load(f"{folder}/weights.safetensors"),
    torch.zeros(1, *IMAGE_SHAPE),
    out,
    opset_version=17,
    input_names=["images"],
    output_names=["logits"],
    dynamic_axes={"images": {0: "batch"}, "logits": {0: "batch"}},
)

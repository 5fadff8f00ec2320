"""Words a second of a language model in PyTorch, in windows of 35 words:

    npx genonnx compile --genotype DARTS_V2_RNN --network recurrent --width 850 --words 10000 --seed 1 --out lm.onnx
    npx genonnx export lm.onnx --to pytorch --out pytorch
    python3 docs/benchmarks/time-language.py pytorch

One thread; the loss is part of it.
"""

import os

for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{library}_NUM_THREADS"] = "1"

import statistics
import sys
import time

import torch

LENGTH, RUNS = 35, 12

sys.path.insert(0, sys.argv[1])
import model  # noqa: E402

torch.set_num_threads(1)
network = model.load(os.path.join(sys.argv[1], "weights.safetensors")).eval()
for batch in (1, 10):
    past, seconds = None, []
    with torch.no_grad():
        for _ in range(RUNS + 1):
            words, targets = torch.randint(0, model.WORDS, (2, batch, LENGTH))
            start = time.perf_counter()
            logits, past = network(words, past)
            torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten()).item()
            seconds.append(time.perf_counter() - start)
    median = statistics.median(seconds[1:])
    print(f"PyTorch {torch.__version__}, batch {batch}: {1000 * median:.1f} ms a window, {LENGTH * batch / median:.0f} words a second")

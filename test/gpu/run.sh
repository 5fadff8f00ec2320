#!/usr/bin/env bash
# The checks that need an NVIDIA GPU, on Linux x64, in a clone after `npm ci`:
#
#   bash test/gpu/run.sh [--out FOLDER]
#
# Says what it finds, installs onnxruntime-node's CUDA libraries where they are missing, builds, and runs checks.mjs.
# Exit code 0: nothing failed; 1: a check failed; 2: wrong usage; 3: this machine lacks something, and the last lines say what.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
out=$root/runs/gpu

usage() {
  printf 'usage: bash test/gpu/run.sh [--out FOLDER]   (default: runs/gpu in the clone)\n'
}

# Ends with 3: what is missing, what was looked for, and what to do.
lack() {
  printf 'error: %s\n  looked for: %s\n  cure:       %s\n' "$1" "$2" "$3" >&2
  exit 3
}

while [ $# -gt 0 ]; do
  case $1 in
    --out)
      if [ $# -lt 2 ]; then
        usage >&2
        exit 2
      fi
      mkdir -p "$2"
      out=$(cd "$2" && pwd)
      shift 2
      ;;
    --help | -h)
      usage
      exit 0
      ;;
    *)
      printf 'error: unknown argument %s\n' "$1" >&2
      usage >&2
      exit 2
      ;;
  esac
done

platform="$(uname -s) $(uname -m)"
if [ "$platform" != 'Linux x86_64' ]; then
  lack "onnxruntime-node has no CUDA on $platform." 'Linux on x86_64' 'Run it on such a machine.'
fi

if ! command -v nvidia-smi >/dev/null; then
  lack 'There is no NVIDIA GPU here, or its driver is not installed.' 'nvidia-smi on PATH' \
    'Run it on a machine with an NVIDIA GPU, and install its driver.'
fi
if ! gpus=$(nvidia-smi -L 2>&1) || ! grep -q '^GPU ' <<<"$gpus"; then
  lack "nvidia-smi lists no GPU; it says: $(head -n 1 <<<"$gpus")" 'a line that begins with GPU in nvidia-smi -L' \
    'Make nvidia-smi -L list the GPU: the driver has to be loaded, and a container has to be given the GPU.'
fi
printf '%s\n' "$gpus"

if ! command -v node >/dev/null; then
  lack 'There is no Node.js.' 'node on PATH' 'Install Node 20.19 or later.'
fi
if [ ! -d "$root/node_modules/onnxruntime-node" ]; then
  lack 'The packages are not installed.' "$root/node_modules/onnxruntime-node" "Run npm ci in $root."
fi

cd "$root"
node test/gpu/libraries.mjs
printf 'building dist/\n'
node bin/build.mjs
node test/gpu/machine.mjs
exec node test/gpu/checks.mjs --out "$out"

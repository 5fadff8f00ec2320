#!/usr/bin/env bash
# Writes the figures of docs/quantize.md: what each form and range method costs the model of a finished training.
# usage: quantize.sh RUN_FOLDER > docs/benchmarks/quantize.json
set -euo pipefail
run=$1
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
separator='['
for choice in 'static minmax 256' 'static minmax 64' 'static mse 256' 'static percentile 256' 'dynamic minmax 256'; do
  read -r form ranges images <<<"$choice"
  report=$(npx genonnx quantize "$run/model.onnx" --data fashion-mnist --form "$form" --ranges "$ranges" \
    --calibration-images "$images" --even-if-slower --out "$out/$form-$ranges-$images.onnx" --json 2>/dev/null | sed "s|$out/||")
  printf '%s\n{ "ranges": "%s", "calibrationImages": %s, "report": %s }' "$separator" "$ranges" "$images" "$report"
  separator=','
done
printf '\n]\n'

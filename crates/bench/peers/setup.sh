#!/bin/sh
# Installs the peers into $PEERS (default: the folder `peers` at home): Python packages in a virtual
# environment, the networks as ONNX files, and the Rust programs.
set -eu
PEERS=${PEERS:-$HOME/peers}
here=$(cd "$(dirname "$0")" && pwd)

[ -d "$PEERS/venv" ] || python3 -m venv "$PEERS/venv"
"$PEERS/venv/bin/pip" install --quiet \
  keras tensorflow-cpu jax torch numpy onnx onnxruntime openvino
"$PEERS/venv/bin/python" "$here/onnx_export.py" "$PEERS/networks"

for peer in rustyml burn; do
  RUSTFLAGS="-C target-cpu=native" cargo build --quiet --release \
    --manifest-path "$here/$peer/Cargo.toml" --target-dir "$PEERS/rust/$peer"
done

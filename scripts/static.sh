#!/usr/bin/env bash
# Builds the program `ceratops` for Linux without the system's libraries (musl), checks that it needs none and
# that it answers, and prints its size and checksum.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

target="$(uname -m)-unknown-linux-musl"
rustup target add "$target"
cargo build --profile dist -p ceratops-cli --locked --target "$target"
program="target/$target/dist/ceratops"

if ldd "$program" 2>&1 | grep -q "=>"; then
  echo "$program needs libraries:" >&2
  ldd "$program" >&2
  exit 1
fi
"$program" summary examples/data/cnn.json >/dev/null
sha256sum "$program"
ls -l "$program"

#!/usr/bin/env bash
# Draws the pictures of the guide with the program itself.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
ceratops() { cargo run --quiet --release -p ceratops-cli -- "$@"; }

for name in sigmoid tanh relu leaky_relu elu selu gelu silu; do
  ceratops plot activation "$name" -o "docs/pictures/$name.png" --quiet
done
ceratops plot activation prelu --alpha 0.25 -o docs/pictures/prelu.png --quiet

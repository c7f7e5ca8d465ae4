#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds everything, runs every test, then the main experiment as a user would.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/setup.sh
cmake --preset dev
cmake --build --preset dev -j "$(nproc)"
ctest --preset dev -j "$(nproc)"

echo "The main experiment, with the release build:"
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
./scripts/run.sh experiments/fstdp/colorado.yaml --output "$results/colorado.h5" --quiet
[[ -s $results/colorado.h5 && -s $results/colorado.png ]]
PYTHONPATH=python "${PYTHON:-/usr/bin/python3}" -m volley validate "$results/colorado.h5"
echo "Every test passed."

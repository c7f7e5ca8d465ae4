#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds everything, runs every test, again under the sanitizers; then builds a release,
# counts its instructions and runs the main experiment as a user would.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/setup.sh
for preset in dev asan tsan; do
  cmake --preset "$preset"
  cmake --build --preset "$preset" -j "$(nproc)"
  ctest --preset "$preset" -j "$(nproc)"
done

cmake --preset release
cmake --build --preset release -j "$(nproc)"
ctest --preset release

echo "The main experiment, with the release build:"
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
./scripts/run.sh experiments/fstdp/colorado.yaml --output "$results/colorado.h5" --quiet
[[ -s $results/colorado.h5 && -s $results/colorado.png ]]
PYTHONPATH=python "${PYTHON:-/usr/bin/python3}" -m volley validate "$results/colorado.h5"
echo "Every test passed."

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ./scripts/count_instructions.sh [WORKLOAD ...] [--update] [--jobs N]
# Installs what is missing, builds a release and counts its instructions on small versions of the benchmark workloads:
# more than 5 % above tests/bench/instructions.json fails. --help tells more.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/scripts/setup.sh"

mkdir -p "$root/build"
(cd "$root" && cmake --preset release && cmake --build --preset release -j "$(nproc)" --target volley) \
  >"$root/build/release.log" 2>&1 || { tail -n 40 "$root/build/release.log" >&2; exit 1; }
PYTHONDONTWRITEBYTECODE=1 exec "${PYTHON:-/usr/bin/python3}" "$root/tests/bench/instructions.py" "$@"

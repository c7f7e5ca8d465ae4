#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ./scripts/bench.sh [WORKLOAD ...] [--repetitions N] [--threads 1,2] [--peers] [--output results/bench]
# ./scripts/bench.sh --kernels [options of Google Benchmark]
# ./scripts/bench.sh --cost-model [WORKLOAD ...] [--repetitions N]
# ./scripts/bench.sh --training [WORKLOAD ...] [--repetitions N] [--threads N] [--peers]
# Installs what is missing, builds a release and measures the benchmark workloads, the kernels, what the parts of a
# simulation cost, or training; --help tells more.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/scripts/setup.sh"

mkdir -p "$root/build"
(cd "$root" && cmake --preset release -DVOLLEY_BENCHMARKS=ON && cmake --build --preset release -j "$(nproc)") \
  >"$root/build/release.log" 2>&1 || { tail -n 40 "$root/build/release.log" >&2; exit 1; }
if [[ ${1-} == --kernels ]]; then
  exec "$root/build/release/tests/bench/bench_kernels" "${@:2}"
fi
script=bench.py
case ${1-} in
  --cost-model) script=cost_model.py; shift ;;
  --training) script=training.py; shift ;;
esac
PYTHONDONTWRITEBYTECODE=1 exec "${PYTHON:-/usr/bin/python3}" "$root/tests/bench/$script" "$@"

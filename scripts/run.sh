#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ./scripts/run.sh [EXPERIMENT.yaml] [options of `volley run`]
# Installs what is missing, builds a release, runs the experiment and draws its picture: results/<name>.h5 and .png.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/scripts/setup.sh"

mkdir -p "$root/build"
[[ -x $root/build/release/volley ]] || echo "Building volley; this takes a few minutes the first time." >&2
(cd "$root" && cmake --preset release && cmake --build --preset release -j "$(nproc)") >"$root/build/release.log" 2>&1 ||
  { tail -n 40 "$root/build/release.log" >&2; exit 1; }

experiment=$root/experiments/fstdp/colorado.yaml
if (($#)) && [[ $1 != -* ]]; then
  experiment=$1
  shift
fi
output=results/$(basename "$experiment" .yaml).h5
options=("$@")
for ((k = 0; k < $#; ++k)); do
  case ${options[k]} in
    -o | --output) output=${options[k + 1]:-$output} ;;
    --output=*) output=${options[k]#*=} ;;
  esac
done

started=$(mktemp)
trap 'rm -f "$started"' EXIT
"$root/build/release/volley" run "$experiment" --overwrite "$@"

# A sweep leaves one file a point, <name>-1.h5, ...
for file in "$output" "${output%.h5}"-*.h5; do
  if [[ $file -nt $started ]]; then
    PYTHONPATH=$root/python "${PYTHON:-/usr/bin/python3}" -m volley plot "$file"
  fi
done

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Draws the manual's pictures anew, from runs of the experiments that they show.
#   scripts/make_pictures.sh [FOLDER]     VOLLEY: the command (default build/release/volley)
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
volley="$(realpath "${VOLLEY:-$root/build/release/volley}")"
python="${PYTHON:-/usr/bin/python3}"
out="$(realpath -m "${1:-$root/docs/pictures}")"

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
mkdir -p "$out"
cd "$results"
# EXPERIMENT WHAT: a picture of a run, as `python3 -m volley plot` draws it.
picture() {
  local name
  name=$(basename "$1" .yaml)
  "$volley" run "$root/experiments/$1" --quiet --output "$name.h5"
  PYTHONPATH="$root/python" "$python" -m volley plot "$name.h5" --what "$2" -o "$out/$name.png"
}
picture tutorial/1_one_neuron.yaml states
picture tutorial/2_inputs.yaml states
picture tutorial/3_population.yaml raster
picture tutorial/4_network.yaml raster
picture tutorial/5_plastic_network.yaml weights
picture fstdp/colorado.yaml weights
[[ -z ${VOLLEY_DATA-} ]] || picture snu/jsb_ssnu.yaml learning  # with the data of `python3 -m volley get-data jsb`

"$python" - "$out"/*.png <<'END'  # 48 colours are enough, and a third of the size
import sys
from PIL import Image
for file in sys.argv[1:]:
    Image.open(file).convert("RGB").quantize(48).save(file, optimize=True)
END

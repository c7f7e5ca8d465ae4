#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Writes docs/models: a page per model, from its field table and top comment, and an index.
#   scripts/make_model_pages.sh [FOLDER]     VOLLEY: the command (default build/release/volley)
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
volley="${VOLLEY:-$root/build/release/volley}"
out="${1:-$root/docs/models}"

mkdir -p "$out"
rm -f "$out"/*.md
{
  echo "# Models"
  echo
  echo "Made by \`scripts/make_model_pages.sh\` from the models' own tables and comments. Equations and defaults: how far"
  echo "they can be trusted ([honest labels](../design.md))."
  previous=""
  "$volley" list | tail -n +2 | while read -r kind name equations defaults summary; do
    if [ "$kind" != "$previous" ]; then
      plural="${kind/%ss/sse}s"
      printf '\n## %s\n\n| name | what it is | equations | defaults |\n|---|---|---|---|\n' "${plural^}"
      previous="$kind"
    fi
    echo "| [$name]($name.md) | $summary | $equations | $defaults |"
    "$volley" describe "$name" --markdown > "$out/$name.md"
  done
} > "$out/README.md"

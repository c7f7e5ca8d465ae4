# SPDX-License-Identifier: Apache-2.0
# Sourced by the other scripts: installs what is missing from Debian's packages (root or sudo).
packages=(cmake ninja-build g++ ccache pkg-config libhdf5-dev libyaml-cpp-dev libboost-dev libboost-graph-dev
  libtbb-dev libhwy-dev libfmt-dev libcli11-dev librandom123-dev libgtest-dev libgmock-dev nlohmann-json3-dev
  libbenchmark-dev zlib1g-dev libssl-dev valgrind binutils python3 python3-numpy python3-h5py python3-matplotlib
  python3-yaml python3-jsonschema python3-pytest)

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
if ((${#missing[@]})); then
  echo "Installing: ${missing[*]}"
  as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "Run as root, or install: ${missing[*]}" >&2; exit 1; }
    as_root=(sudo)
  fi
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi

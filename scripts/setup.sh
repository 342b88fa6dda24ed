#!/usr/bin/env bash
# Installs the Debian packages that grokscope needs and that are missing, and the page's npm packages
# (web/package-lock.json). Does nothing, in a moment, where all are there. Run by make; needs root or
# sudo only when something is missing.
#
#   scripts/setup.sh [PACKAGE...]    also those: what only benchmarks or tests use
set -euo pipefail

packages=(
  g++ clang-14 libclang-rt-14-dev cmake ninja-build pkg-config python3
  libhwy-dev nlohmann-json3-dev libtomlplusplus-dev libcli11-dev
  libsqlite3-dev zlib1g-dev libssl-dev libgtest-dev libcpp-httplib-dev
  "$@"
)

# Node bundles the page; any of 18 or later, wherever it comes from.
if ! command -v node >/dev/null; then
  packages+=(nodejs)
elif ! node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)'; then
  echo "setup: node $(node --version) is too old to build the page; 18 or later is needed" >&2
  exit 1
fi
command -v npm >/dev/null || packages+=(npm)

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
  [ "$status" = "install ok installed" ] || missing+=("$package")
done

install_page_packages() {
  local lock=$1/package-lock.json installed=$1/node_modules/.installed
  cmp -s "$lock" "$installed" && return
  echo "setup: installing the page's npm packages"
  npm ci --prefix "$1" --ignore-scripts --no-audit --no-fund --loglevel=error || {
    echo "setup: npm ci failed in $1" >&2
    exit 1
  }
  cp "$lock" "$installed"
}
web=$(dirname "$0")/../web

if [ ${#missing[@]} -eq 0 ]; then
  install_page_packages "$web"
  exit 0
fi

echo "setup: installing ${missing[*]}"
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || {
    echo "setup: not root and no sudo. Install as root: apt-get install ${missing[*]}" >&2
    exit 1
  }
  as_root=(sudo)
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { "${as_root[@]}" apt-get update -qq &&
       "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
         apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  echo "setup: apt-get failed; grokscope is built for Debian 12" >&2
  exit 1
fi
install_page_packages "$web"

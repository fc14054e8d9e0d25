# shellcheck shell=bash
# What run.sh, test.sh and the scripts in tools/ share. They source it and stand in the root after it.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Announces a step.
say() {
  if [[ -t 1 ]]; then
    printf '\033[1m==> %s\033[0m\n' "$*"
  else
    printf '==> %s\n' "$*"
  fi
}

die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# Bazel, in any environment: it keeps its files below $HOME, which CI and containers may not have.
# A script may add to its startup options.
bazel_startup=()
bazel() {
  local startup=("${bazel_startup[@]}") options=()
  if [[ -w ${HOME:-/nonexistent} ]]; then
    [[ -z ${CI:-} ]] || options+=("--disk_cache=$(compiled_before)")
  else
    startup+=("--output_user_root=${TMPDIR:-/tmp}/bazel-$UID")
  fi
  [[ -t 2 ]] || options+=(--show_progress_rate_limit=15)
  command bazel "${startup[@]}" "$1" "${options[@]}" "${@:2}"
}

# Prints where CI keeps what it compiled with exactly the packages that are installed, for later clones
# on its machine. What was compiled with others goes: Bazel does not see that headers below /usr change.
compiled_before() {
  local caches=$HOME/.cache/docspace-apikeys-gateway packages
  packages=$(dpkg-query -W | sha256sum | cut -c 1-16)
  mkdir -p "$caches/$packages"
  find "$caches" -mindepth 1 -maxdepth 1 ! -name "$packages" -exec rm -rf {} +
  printf '%s' "$caches/$packages"
}

# From here on in an output base for clang: see .bazelrc.
use_clang() {
  bazel_startup=("--output_base=$(bazel info output_base 2>/dev/null)-clang" --max_idle_secs=60)
}

# Other major versions of Bazel do not know Debian's rules and our flags.
check_bazel() {
  [[ $(command bazel --version) =~ ^bazel\ (no_version|4\.) ]] ||
    die "$(command -v bazel) is $(command bazel --version), but this needs Bazel 4: put Debian's /usr/bin first in PATH."
}

# npm_packages DIRECTORY: installs what its lock file names, unless that is done.
npm_packages() {
  [[ $1/node_modules/.package-lock.json -nt $1/package-lock.json ]] ||
    (cd "$1" && npm ci --ignore-scripts --no-audit --no-fund)
}

# python_environment REQUIREMENTS DIRECTORY: a virtual environment with them, unless it is there, of
# Debian's Python: the hashes are of what is made for its version.
python_environment() {
  cmp --silent "$1" "$2/requirements.txt" && return
  /usr/bin/python3 -m venv --clear "$2"
  "$2/bin/pip" install --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
    --requirement "$1"
  cp "$1" "$2/requirements.txt"
}

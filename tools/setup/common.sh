# shellcheck shell=bash
# The functions that run.sh, test.sh and the scripts in tools/ share. They source this file, and are in the root folder
# afterwards.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# say WORD...: announces a step.
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

# Runs Bazel in any environment. Bazel keeps its files below $HOME, which CI and containers may not have. A script may
# add to its startup options.
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

# Prints the folder in which CI keeps compiled files for later clones on its machine. There is one folder for each set of
# installed packages, because Bazel does not notice changes of headers below /usr; folders of other sets are deleted.
compiled_before() {
  local caches=$HOME/.cache/docspace-apikeys-gateway packages
  packages=$(dpkg-query -W | sha256sum | cut -c 1-16)
  mkdir -p "$caches/$packages"
  find "$caches" -mindepth 1 -maxdepth 1 ! -name "$packages" -exec rm -rf {} +
  printf '%s' "$caches/$packages"
}

# Makes Bazel use an output base for clang from now on: see .bazelrc.
use_clang() {
  bazel_startup=("--output_base=$(bazel info output_base 2>/dev/null)-clang" --max_idle_secs=60)
}

# Fails for other major versions of Bazel than Debian's 4 and 7, because they do not know Debian's rules and our flags.
# Writes what .bazelrc imports: the options that depend on the versions of Bazel and g++.
check_bazel() {
  local version needed=''
  version=$(command bazel --version)
  case $version in
    'bazel no_version'* | 'bazel 4.'*) ;;
    # Bazel 7 would look for modules in a registry, and not at WORKSPACE.
    'bazel 7.'*) needed+=$'common --enable_workspace --noenable_bzlmod\n' ;;
    *) die "$(command -v bazel) is $version, but this needs Bazel 4 or 7: put Debian's /usr/bin first in PATH." ;;
  esac
  # From 13 on, g++ warns without reason of Asio's allocation of coroutines.
  (($(g++ -dumpversion) < 13)) ||
    needed+=$'build --per_file_copt=^(server|client|tests|bench)/.*\\.cc$@-Wno-mismatched-new-delete\n'
  cmp --silent .run/bazelrc <(printf '%s' "$needed") && return
  mkdir -p .run
  printf '%s' "$needed" >.run/bazelrc
}

# Prints the platform, by which tools/setup/packages.txt has a column: 12 and 13 for these releases of Debian, "next" for
# Debian's testing and unstable, or nothing on any other system.
platform() {
  local ID='' VERSION_ID='' VERSION_CODENAME=''
  # shellcheck source=/dev/null
  source /etc/os-release
  case $ID-$VERSION_ID-$VERSION_CODENAME in
    debian-12-* | debian-13-*) echo "$VERSION_ID" ;;
    debian--* | debian-14-*) echo next ;;
  esac
}

# packages GROUPS PLATFORM: prints the packages of the groups ("run", "run|test", …) on the platform as "package version".
packages() {
  awk -v groups="^($1)\$" -v platform="$2" '
    BEGIN { column = platform == "12" ? 3 : platform == "13" ? 4 : 5 }
    $1 ~ groups && $column != "-" { print $2, $column }' tools/setup/packages.txt
}

# npm_packages DIRECTORY: installs the packages of its lock file, unless they are installed.
npm_packages() {
  [[ $1/node_modules/.package-lock.json -nt $1/package-lock.json ]] ||
    (cd "$1" && npm ci --ignore-scripts --no-audit --no-fund)
}

# python_environment REQUIREMENTS DIRECTORY: makes a virtual environment with these packages, unless it exists. It uses
# Debian's Python, because the hashes are those of packages for its version.
python_environment() {
  cmp --silent "$1" "$2/requirements.txt" && return
  /usr/bin/python3 -m venv --clear "$2"
  "$2/bin/pip" install --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
    --requirement "$1"
  cp "$1" "$2/requirements.txt"
}

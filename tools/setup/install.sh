#!/usr/bin/env bash
# Installs the Debian packages of tools/setup/packages.txt that are missing: tools/setup/install.sh run|test|check|bench|package|platforms|image|release
# Then checks the Bazel, so that scripts that build need not.
source "$(dirname "$0")/common.sh"

# Of the packages on standard input, prints those that are not installed.
missing() {
  local package version installed
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p')
  while read -r package version; do
    grep -qxF "$package" <<<"$installed" ||
      { [[ $version == any ]] && command -v "$package" >/dev/null; } ||
      { [[ $version == any:* ]] && command -v "${version#any:}" >/dev/null; } ||
      echo "$package"
  done
}

# Prints the name of the system.
system() {
  # shellcheck source=/dev/null
  (. /etc/os-release && echo "${PRETTY_NAME:-an unknown system}")
}

# require_platform PLATFORM GROUPS PACKAGE...: fails on a system on which it is not known that these packages work.
require_platform() {
  [[ -n $1 ]] ||
    die "This is $(system), and packages are missing that are known to work on Debian only:
${*:3}"
  [[ $1 == 12 || $2 == run || $2 == 'run|test' ]] ||
    die "This is $(system), for which only the packages of ./run.sh and of the stages unit and demo are known."
}

as_root() {
  if ((EUID == 0)); then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die 'Packages must be installed: run this as root, or install sudo.'
  fi
}

apt() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 "$@"
}

install() {
  local command=(install --yes --no-install-recommends "$@")
  # An outdated list of packages may name files that the mirror no longer has.
  if ! apt-get "${command[@]}" --simulate >/dev/null 2>&1 || ! apt "${command[@]}"; then
    apt update
    apt "${command[@]}"
  fi
}

main() {
  local groups wanted on
  case ${1:-} in
    run) groups='run' ;;
    test) groups='run|test' ;;
    check) groups='run|test|check|package' ;;
    bench) groups='run|test|check|package|bench' ;;
    package) groups='run|package' ;;
    platforms) groups='platforms' ;;
    image) groups='run|package|platforms|image' ;;
    release) groups='run|test|check|package|platforms|image' ;;
    *) die 'usage: tools/setup/install.sh run|test|check|bench|package|platforms|image|release' ;;
  esac
  on=$(platform)
  mapfile -t wanted < <(packages "$groups" "${on:-12}" | missing)
  if ((${#wanted[@]})); then
    require_platform "$on" "$groups" "${wanted[@]}"
    say "Installing packages for $(system): ${wanted[*]}"
    install "${wanted[@]}"
  fi
  [[ $groups == platforms ]] || check_bazel
}

main "$@"

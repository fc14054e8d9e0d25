#!/usr/bin/env bash
# Installs the Debian packages of tools/setup/packages.txt that are missing: tools/setup/install.sh run|test|check|bench|package|image|release
source "$(dirname "$0")/common.sh"

# Prints the packages of the groups $1 ("run", "run|test", …) as "package version".
packages() {
  awk -v groups="^($1)\$" '$1 ~ groups { print $2, $3 }' tools/setup/packages.txt
}

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

require_debian_12() {
  local id
  # shellcheck source=/dev/null
  id=$(. /etc/os-release && echo "${ID:-?} ${VERSION_ID:-?}")
  [[ $id == 'debian 12' ]] ||
    die "This is ${id}, and packages are missing that are known to work on Debian 12 only:
$*"
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
  local groups wanted
  case ${1:-} in
    run) groups='run' ;;
    test) groups='run|test' ;;
    check) groups='run|test|check|package' ;;
    bench) groups='run|test|check|package|bench' ;;
    package) groups='run|package' ;;
    image) groups='run|package|image' ;;
    release) groups='run|test|check|package|image' ;;
    *) die 'usage: tools/setup/install.sh run|test|check|bench|package|image|release' ;;
  esac
  mapfile -t wanted < <(packages "$groups" | missing)
  ((${#wanted[@]})) || return 0
  require_debian_12 "${wanted[@]}"
  say "Installing Debian packages: ${wanted[*]}"
  install "${wanted[@]}"
}

main "$@"

#!/usr/bin/env bash
source "$(dirname "$0")/setup/common.sh"

usage() {
  cat <<'USAGE'
Usage: tools/platform.sh trixie|next|arm64 [--renew | --root] COMMAND...

Runs a command in this clone, on another release of Debian than this machine's, or for another processor:

  trixie   Debian 13
  next     what comes after it: Debian's unstable, with gRPC and Protobuf of experimental
  arm64    Debian 12 in which Bazel compiles for arm64, and an emulator runs what it has compiled

The first run makes that release with debootstrap and installs what `./test.sh` needs, which takes some minutes and
2 GB below the user's cache folder, or 6 GB with what a run compiles. The packages are those of
tools/setup/platforms/, version by version. If the registry does not have them any more, --renew installs its present
ones, writes them there and needs no COMMAND. --root prints the folder that has the release, and runs nothing.
It takes root on amd64, and the registry is the one from which this machine's apt installs. While a command runs on
arm64, the whole machine runs programs of arm64 by the emulator. Examples:

  tools/platform.sh trixie ./test.sh unit
  tools/platform.sh next bazel test -c opt //tests/server/http:connection_pool_test
  tools/platform.sh arm64 ./run.sh --once
USAGE
}

# The clone is there in the root, and its folder .run is one of the root's own.
readonly inside=/src

release='' suite='' column='' folder='' root='' pins=''

choose() {
  release=$1
  case $release in
    trixie) suite=trixie column=13 ;;
    next) suite=sid column=next ;;
    arm64) suite=bookworm column=12 ;;
    *) usage >&2 && exit 2 ;;
  esac
  folder=${XDG_CACHE_HOME:-$HOME/.cache}/docspace-apikeys-gateway-platforms/$release
  root=$folder/root
  pins=tools/setup/platforms/$release.txt
}

# Prints the address from which this machine installs Debian's packages.
registry() {
  local address
  # shellcheck disable=SC2016  # apt expands it.
  address=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' | grep -m 1 '/debian/$') ||
    die 'apt of this machine has no registry of Debian.'
  printf '%s' "$address"
}

# Makes the packages of the root come from where this machine's come from, by the same settings.
configure_apt() {
  local address=$1
  apt-config dump | grep '^Acquire::' >"$root/etc/apt/apt.conf.d/90machine"
  echo "deb $address $suite main" >"$root/etc/apt/sources.list"
  echo 'APT::Keep-Downloaded-Packages "false";' >>"$root/etc/apt/apt.conf.d/90machine"
  # The root can be made again, so nothing waits for the disk. Of the Go libraries, which take more room than everything
  # else, only the protos are used.
  cat >"$root/etc/dpkg/dpkg.cfg.d/90root" <<'DPKG'
force-unsafe-io
path-exclude=/usr/share/gocode/*
path-include=/usr/share/gocode/*.proto
DPKG
  if [[ $release == next ]]; then
    echo "deb $address experimental main" >>"$root/etc/apt/sources.list"
    cat >"$root/etc/apt/preferences.d/next" <<'PREFERENCES'
Package: src:grpc src:protobuf
Pin: release a=experimental
Pin-Priority: 990
PREFERENCES
  elif [[ $release == arm64 ]]; then
    chroot "$root" dpkg --add-architecture arm64
  fi
}

# in_root COMMAND...: runs the command as root of the other release, with the clone and a network, until it ends; what
# it has started in the background ends then too.
in_root() {
  mkdir -p "$folder/run" "$root$inside" .run
  # shellcheck disable=SC2016  # Expanded by the inner shell.
  exec unshare --mount --pid --fork --kill-child --propagation=private bash -euc '
    root=$1 inside=$2 run=$3
    shift 3
    mount --bind "$root" "$root"
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    mount --rbind --make-rslave /sys "$root/sys"
    mount -t tmpfs -o mode=1777 tmp "$root/tmp"
    for file in /etc/resolv.conf /etc/hosts; do
      [[ ! -e $file ]] || { touch "$root$file" && mount --bind "$(realpath "$file")" "$root$file"; }
    done
    mount --bind . "$root$inside"
    mount --bind "$run" "$root$inside/.run"
    exec chroot "$root" /usr/bin/env -i HOME=/root LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM="${TERM:-dumb}" \
      bash -c "cd \"\$0\" && \"\$@\"; exit \$?" "$inside" "$@"
  ' in_root "$root" "$inside" "$folder/run" "$@"
}

# apt_in_root ARGUMENT...: runs apt-get in the root.
apt_in_root() {
  (in_root env DEBIAN_FRONTEND=noninteractive apt-get --yes --no-install-recommends "$@")
}

# Makes the packages on standard input those with which Bazel compiles for arm64: its libraries are of arm64, and its
# tools are not. libcli11-dev has only headers, and is of no processor.
for_arm64() {
  sed -E '/^libcli11-dev$/!s/^(lib|prometheus).*/&:arm64/'
  printf '%s\n' g++-aarch64-linux-gnu qemu-user-static
}

# Prints the packages that the root needs, each as package=version, or without a version to renew it.
wanted() {
  if [[ $1 == renew ]]; then
    packages 'run|test' "$column" | cut -d ' ' -f 1 | if [[ $release == arm64 ]]; then for_arm64; else cat; fi
  else
    sed -nE 's/^([^# ]+) +(.+)$/\1=\2/p' "$pins"
  fi
}

# Prints the packages on standard input with the versions that the root has.
installed() {
  # shellcheck disable=SC2016  # dpkg-query expands it.
  xargs chroot "$root" dpkg-query -W -f '${Package}:${Architecture} ${Version}\n' | sed -E 's/:(amd64|all) / /' | sort
}

# Writes what is pinned from now on.
write_pins() {
  {
    cat <<PINS
# The packages with which tools/platform.sh $release runs: those of tools/setup/packages.txt, as the registry had them
# when \`tools/platform.sh $release --renew\` wrote this file.
PINS
    wanted renew | installed
  } >"$pins"
}

# Makes Bazel compile for arm64. It takes the linker and its other tools from the compiler's folder.
cross_compile() {
  local tools=/root/aarch64 tool
  mkdir "$root$tools"
  for tool in gcc ar dwp gcov ld ld.gold nm objcopy objdump strip; do
    ln -s "/usr/bin/aarch64-linux-gnu-$tool" "$root$tools/$tool"
  done
  echo "build --repo_env=CC=$tools/gcc --repo_env=PATH=$tools:/usr/bin:/bin" >>"$root/root/.bazelrc"
}

# The kernel's registry of the formats of programs, and our entry in it.
readonly formats=/proc/sys/fs/binfmt_misc
readonly emulated=$formats/docspace-apikeys-gateway-arm64
mounted=''

# Makes this machine run programs of arm64 by the emulator of the root, until this script ends.
emulate_arm64() {
  trap stop_emulation EXIT
  [[ -e $formats/register ]] || { mount -t binfmt_misc binfmt_misc "$formats" && mounted=1; }
  # A run that was killed has left it.
  [[ ! -e $emulated ]] || echo -1 >"$emulated"
  # The first twenty bytes of such a program, and which of their bits count.
  echo ":${emulated##*/}:M::$(bytes 7f 45 4c 46 02 01 01 00 00 00 00 00 00 00 00 00 02 00 b7 00):$(
    bytes ff ff ff ff ff ff ff 00 ff ff ff ff ff ff ff ff fe ff ff ff):$root/usr/bin/qemu-aarch64-static:F" >"$formats/register"
}

stop_emulation() {
  [[ ! -e $emulated ]] || echo -1 >"$emulated"
  [[ -z $mounted ]] || umount "$formats"
}

bytes() {
  printf '\\x%s' "$@"
}

# Makes a package of the gRPC 1.51 to which Debian's Bazel 7 is linked that can be installed beside gRPC 1.83, and prints
# its path in the root. libgrpc56 breaks each libgrpc29, and both have the same certificates.
make_grpc_of_bazel() {
  (in_root bash -euc '
    mkdir -p /root/bazel
    cd /root/bazel
    apt-get download libgrpc29t64
    dpkg-deb --raw-extract libgrpc29t64_*.deb libgrpc29t64
    sed -i -E "/^(Provides|Breaks|Conflicts):/d" libgrpc29t64/DEBIAN/control
    rm -rf libgrpc29t64/usr/share/grpc
    dpkg-deb --build libgrpc29t64 libgrpc29t64.deb') >>"$folder/log" 2>&1 || die "libgrpc29t64 cannot be made; see $folder/log"
  echo /root/bazel/libgrpc29t64.deb
}

# make_root OPTION: makes the root anew, with the pinned packages or, if the option is "renew", with the registry's
# present ones.
make_root() {
  local address packages
  tools/setup/install.sh platforms
  address=$(registry)
  say "Making a Debian ($suite) in $folder"
  rm -rf --one-file-system "$folder"
  mkdir -p "$folder"
  debootstrap --variant=minbase --include=ca-certificates "$suite" "$root" "$address" >"$folder/log" 2>&1 ||
    die "debootstrap fails; see $folder/log"
  configure_apt "$address"
  cat >"$root/root/.bazelrc" <<'BAZELRC'
# The links would be in the clone, which other releases use too.
build --symlink_prefix=/ --disk_cache=/root/.cache/compiled
BAZELRC
  say 'Installing the packages that ./test.sh needs'
  apt_in_root update >>"$folder/log" 2>&1 || die "apt-get update fails; see $folder/log"
  mapfile -t packages < <(wanted "$1")
  [[ $release != next ]] || packages+=("$(make_grpc_of_bazel)")
  apt_in_root install "${packages[@]}" >>"$folder/log" 2>&1 ||
    die "The packages cannot be installed; see $folder/log. If the registry no longer has these versions: tools/platform.sh $release --renew"
  [[ $release != arm64 ]] || cross_compile
  [[ $1 != renew ]] || write_pins
  diff <(sed '/^#/d' "$pins") <(sed '/^#/d; s/ .*//' "$pins" | installed) || die 'The root has other packages than are pinned.'
  # This also writes the options that Bazel needs there.
  (in_root tools/setup/install.sh test)
  cp "$pins" "$folder/pins"
}

main() {
  local option=''
  case ${1:-} in
    -h | --help) usage && exit ;;
  esac
  choose "${1:-}"
  shift
  case ${1:-} in
    --renew | --root) option=${1#--} && shift ;;
  esac
  [[ -n $option || $# -gt 0 ]] || { usage >&2 && exit 2; }
  ((EUID == 0)) || die 'Only root can make and enter another Debian.'
  mkdir -p "$folder"
  # One command at a time uses the root, because Bazel's files there are those of one clone at a time.
  exec 9>"$folder.lock"
  flock 9
  # Standard output is the command's, or has the folder.
  if [[ $option == renew ]] || ! cmp --silent "$pins" "$folder/pins"; then make_root "$option" >&2; fi
  if [[ $option == root ]]; then
    echo "$root"
  elif (($#)) && [[ $release == arm64 ]]; then
    emulate_arm64
    (in_root "$@")
  elif (($#)); then
    in_root "$@"
  fi
}

main "$@"

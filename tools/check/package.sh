#!/usr/bin/env bash
source "$(dirname "$0")/../setup/common.sh"
source tools/setup/publication.sh

usage() {
  cat <<'EOF'
Usage: tools/check/package.sh [files] [install]

Checks the Debian package, which tools/package.sh makes. Without arguments does both:

  files    lintian, the unit, the manual pages, the completions and the configuration; and starts the program as
           the unit does, with a socket for its messages to systemd
  install  installs, starts, upgrades, removes and purges it in a Debian 12 from debootstrap, in which
           systemd-nspawn boots systemd. As root; takes some minutes the first time, and 0.5 GB below .run/package
EOF
}

readonly unit=docspace-apikeys-gateway
readonly folder=$PWD/.run/package
readonly root=$folder/root
# The exposure that systemd-analyze computes for the unit, times ten: what remains is the network.
readonly exposure=11

# passes WHAT COMMAND...: fails if the command fails, and then prints what it has printed.
passes() {
  local printed
  printed=$("${@:2}" 2>&1) || die "$1: $printed"
  echo "ok: $1"
}

# silent COMMAND...: fails if the command fails or prints anything.
silent() {
  local printed
  printed=$("$@" 2>&1) || { echo "$printed" && return 1; }
  [[ -z $printed ]] || { echo "$printed" && return 1; }
}

# The programs of the unit are below $root here.
verify_unit() {
  mkdir -p "$folder/unit"
  sed "s|^ExecStart=|ExecStart=$root|" "$root/lib/systemd/system/$unit.service" >"$folder/unit/$unit.service"
  systemd-analyze verify --man=no "$folder/unit/$unit.service"
  systemd-analyze security --offline=true --threshold="$exposure" "$folder/unit/$unit.service"
}

check_manuals() {
  local page
  for page in "$root"/usr/share/man/man*/*.gz; do
    # shellcheck disable=SC2016  # Expanded by the inner shell.
    silent sh -c 'man --warnings --encoding=utf8 --local-file "$1" 2>&1 >/dev/null' man "$page"
  done
}

# Each line that a user may uncomment is a setting of this version.
check_configuration() {
  local config=$folder/config.yaml
  sed -E -e 's/^#([a-z-]+:)/\1/' -e "s|/run/credentials/$unit.service/keys_|$folder/keys/|" -e '/^listen: 127/d' \
    "$root/etc/$unit/config.yaml" >"$config"
  mkdir -p "$folder/keys"
  touch "$folder/keys/"{tls.crt,tls.key,callers-ca.crt}
  "$root/usr/bin/$unit" --config-file "$config" --print-config
}

files() {
  tools/package.sh deb
  rm -rf "$root"
  dpkg-deb --extract "$folder/${unit}_$(version)-1_$(dpkg --print-architecture).deb" "$root"
  passes 'lintian has no error and no warning' \
    lintian --fail-on=error,warning "$folder/${unit}_$(version)-1_$(dpkg --print-architecture).deb"
  passes 'the unit is valid and exposes nothing but the network' verify_unit
  passes 'the manual pages have no warning' check_manuals
  passes 'the configuration has only settings of this version' check_configuration
  passes 'bash completes docspace-keys' tests/deploy/completion.bash "$root/usr/share/bash-completion/completions/docspace-keys"
  passes 'zsh completes docspace-keys' timeout 60 tests/deploy/completion.zsh "$root/usr/share/zsh/vendor-completions"
  passes 'the program tells systemd when it serves and when it ends' \
    python3 tests/deploy/notified_start.py "$root/usr/bin/$unit"
}

# Makes a package with a newer version, which has another configuration.
make_newer() {
  local newer=$folder/newer
  rm -rf "$newer"
  dpkg-deb --raw-extract "$1" "$newer"
  sed -i 's/^Version: .*/&+newer/' "$newer/DEBIAN/control"
  echo '# Another line.' >>"$newer/etc/$unit/config.yaml"
  (cd "$newer" && find . -type f ! -path './DEBIAN/*' -printf '%P\0' | xargs -0 md5sum >DEBIAN/md5sums)
  dpkg-deb --root-owner-group --build "$newer" "$2" >/dev/null
}

# Makes a Debian 12 with systemd and the libraries of the package, unless there is one.
make_debian() {
  local debian=$1 package=$2
  cmp --silent "$debian.depends" <(dpkg-deb --field "$package" Depends) && return
  say 'Making a Debian 12'
  rm -rf --one-file-system "$debian" "$debian.depends"
  debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,ca-certificates,openssl bookworm "$debian"
  cp "$package" "$debian/package.deb"
  chroot "$debian" env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends /package.deb
  chroot "$debian" dpkg --purge "$unit"
  rm "$debian/package.deb"
  dpkg-deb --field "$package" Depends >"$debian.depends"
}

install() {
  local package debian=$folder/debian inside=$folder/inside status=0
  ((EUID == 0)) || die 'Only root can make and boot a Debian.'
  tools/setup/install.sh image
  tools/package.sh deb
  package=$folder/${unit}_$(version)-1_$(dpkg --print-architecture).deb
  make_debian "$debian" "$package"
  rm -rf "$inside"
  mkdir -p "$inside"
  cp "$package" "$inside/package.deb"
  make_newer "$package" "$inside/newer.deb"
  cp tests/deploy/package_under_systemd.sh "$inside/test.sh"
  cat >"$inside/test.service" <<'EOF'
[Unit]
After=multi-user.target
[Service]
Type=oneshot
StandardOutput=file:/mnt/report
StandardError=inherit
ExecStart=/bin/bash /mnt/test.sh
ExecStopPost=/bin/systemctl exit $EXIT_STATUS
EOF
  say 'Booting systemd in a Debian 12'
  # Nothing remains of what is changed: the root is below a file system in memory. There is no network but loopback.
  systemd-nspawn --quiet --register=no --keep-unit --private-network --volatile=overlay --directory="$debian" \
    --bind="$inside:/mnt" --bind-ro="$inside/test.service:/run/systemd/system/package-test.service" \
    --boot systemd.unit=multi-user.target systemd.wants=package-test.service >"$folder/boot.log" 2>&1 </dev/null || status=$?
  cat "$inside/report"
  ((status == 0)) || die "The test has failed with $status; $folder/boot.log has the messages of the boot."
}

main() {
  local step
  (($#)) || set -- files install
  for step in "$@"; do
    case $step in
      files | install) ;;
      -h | --help) usage && exit ;;
      *) usage >&2 && exit 2 ;;
    esac
  done
  for step in "$@"; do "$step"; done
}

main "$@"

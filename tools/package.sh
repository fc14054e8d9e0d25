#!/usr/bin/env bash
source "$(dirname "$0")/setup/common.sh"
source tools/setup/publication.sh

usage() {
  cat <<'EOF'
Usage: tools/package.sh deb [FOLDER]

Makes the Debian package of the gateway and docspace-keys from deploy/debian and writes it into FOLDER, or else
into .run/package. The same commit makes the same bytes.
EOF
}

readonly name=docspace-apikeys-gateway

# Lays out in $1 what debhelper packs: debian/ and the files that it installs.
lay_out() {
  local to=$1 built
  bazel build -c opt //server:docspace-apikeys-gateway //client/cli:docspace-keys //tools/docs:manuals
  built=$(bazel info -c opt bazel-bin 2>/dev/null)
  rm -rf "$to"
  mkdir -p "$to"
  cp -r deploy/debian "$to/debian"
  install -D --mode=755 --target-directory="$to/usr/bin" "$built/server/$name" "$built/client/cli/docspace-keys"
  install -D --mode=644 "$built/tools/docs/docspace-keys.bash" "$to/usr/share/bash-completion/completions/docspace-keys"
  install -D --mode=644 "$built/tools/docs/_docspace-keys" "$to/usr/share/zsh/vendor-completions/_docspace-keys"
  install --mode=644 --target-directory="$to" "$built/tools/docs/$name.8" "$built/tools/docs/docspace-keys.1" \
    CHANGELOG.md deploy/debian/config.yaml
  cat >"$to/debian/changelog" <<EOF
$name ($(version)-1) unstable; urgency=medium

  * New upstream version: see changelog.gz in this folder.

 -- $(sed -n 's/^Maintainer: //p' deploy/debian/control)  $(date --rfc-email --date="@$SOURCE_DATE_EPOCH")
EOF
}

deb() {
  local folder build=.run/package/build
  folder=$(realpath --canonicalize-missing "${1:-.run/package}")
  use_reproducible_environment
  lay_out "$build"
  say 'Making the Debian package'
  (cd "$build" && DEB_BUILD_OPTIONS=noautodbgsym dpkg-buildpackage --build=binary --no-sign --no-check-builddeps) \
    >.run/package/log 2>&1 || { cat .run/package/log >&2 && die 'debhelper failed.'; }
  mkdir -p "$folder"
  [[ $folder -ef .run/package ]] || mv ".run/package/${name}_$(version)-1"_*.deb "$folder/"
  echo "$folder/${name}_$(version)-1_$(dpkg --print-architecture).deb"
}

main() {
  case ${1:-} in
    deb)
      tools/setup/install.sh package
      deb "${@:2}"
      ;;
    -h | --help) usage ;;
    *) usage >&2 && exit 2 ;;
  esac
}

main "$@"

#!/usr/bin/env bash
source "$(dirname "$0")/../setup/common.sh"

usage() {
  cat <<'EOF'
Usage: tools/check/image.sh [--debian trixie|next] [build] [check]

Builds and checks the image as root on a machine without a container engine. Without arguments does both, on
Debian 13:

  --debian  the Debian on which the image is built: trixie is Debian 13, which deploy/Dockerfile takes by itself;
            next is what comes after it, with the pinned packages of tools/platform.sh
  build     builds deploy/Dockerfile with buildah. This takes a quarter of an hour, and 3 GB below .run/image, or more
            on a file system that buildah cannot overlay
  check     checks the content of the image, and that its program serves calls under the conditions of a
            container engine: as its own user, without capabilities, on a read-only root
EOF
}

readonly folder=$PWD/.run/image program=docspace-apikeys-gateway
debian='' base='' image=''
pids=() container=''

# Ends the programs that run, and unmounts the container.
clean_up() {
  ((${#pids[@]} == 0)) || kill -TERM "${pids[@]}" 2>/dev/null || true
  wait
  [[ -z $container ]] || engine rm "$container" >/dev/null
}

choose() {
  debian=$1
  case $debian in
    trixie) base=localhost/debian:trixie ;;
    # The packages are those of the base, so a base of other packages is another one.
    next) base=localhost/debian:next-$(sha256sum tools/setup/platforms/next.txt | cut -c 1-16) ;;
    *) usage >&2 && exit 2 ;;
  esac
  image=$program:$debian
}

engine() {
  buildah --root="$folder/storage" --runroot="$folder/run" "$@"
}

# Makes the base image, which replaces the one of a registry of images.
make_base() {
  local root
  [[ -z $(engine images --quiet "$base" 2>/dev/null) ]] || return 0
  say "Making a base image of Debian ($debian)"
  if [[ $debian == next ]]; then
    root=$(tools/platform.sh next --root)
  else
    root=$folder/debian
    rm -rf "$root"
    debootstrap --variant=minbase "$debian" "$root"
  fi
  container=$(engine from scratch)
  # What tools/platform.sh keeps in a root for its commands has no place in an image.
  tar --create --one-file-system --directory="$root" --exclude='./root/*' --exclude='./root/.*' --exclude=./src . |
    tar --extract --directory="$(engine mount "$container")"
  engine config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
  engine commit --quiet --rm "$container" "$base"
  container=''
  rm -rf "$folder/debian"
}

build() {
  make_base
  say "Building the image on Debian ($debian)"
  engine build --isolation=chroot --format=docker --build-arg=DEBIAN="$base" \
    --ignorefile=.dockerignore --file=deploy/Dockerfile --tag="$image" .
}

# holds WHAT COMMAND...: fails if the command fails or prints anything.
holds() {
  local found
  found=$("${@:2}")
  [[ -z $found ]] || die "$1: $found"
  echo "ok: $1"
}

check_contents() {
  local root=$1 config
  holds 'no shell' find "$root" -regex '.*/\(ba\|da\|a\|z\)?sh\|.*/busybox.*'
  holds 'nothing to run but the gateway' find "$root" -type f -perm /111 ! -name '*.so*' ! -path "*/bin/$program"
  holds 'no set-user-ID' find "$root" -perm /6000
  holds 'nothing that others may write to' find "$root" ! -type l -perm /022
  holds 'each package has its licence' comm -3 <(ls "$root/var/lib/dpkg/status.d") <(ls "$root/usr/share/doc")
  config=$(engine inspect --type=image \
    --format='{{with .Docker.Config}}{{.User}} {{.Entrypoint}} {{.Healthcheck.Test}}{{end}}' "$image")
  [[ $config == "65532:65532 [/usr/bin/$program] [CMD /usr/bin/$program --health-probe]" ]] ||
    die "The image's configuration is another: $config"
  echo "ok: user, entry point and health check"
  echo "It has the libraries of $(sed -n 's/^PRETTY_NAME=//p' "$root/etc/os-release"), among them:"
  sed -s -nE 's/^(Package|Version): //p' "$root"/var/lib/dpkg/status.d/lib{grpc,protobuf,absl,ssl,c6}* | paste -sd ' \n'
  echo "It holds $(du -sh "$root" | cut -f1), $(find "$root" -type f | wc -l) files."
}

# in_image ROOT COMMAND...: runs the command as a container engine would, on a read-only root.
in_image() {
  # shellcheck disable=SC2016  # Expanded by the inner shell.
  exec unshare --mount --propagation=private bash -euc '
    mount --bind "$1" "$1"
    mount -o remount,bind,ro "$1"
    mount -t proc proc "$1/proc"
    exec setpriv --no-new-privs chroot --userspec=65532:65532 "$@"' in_image "$@"
}

# wait_for FILE PATTERN: prints the match of the pattern's first group.
wait_for() {
  local i found
  for ((i = 0; i < 100; i++)); do
    found=$(sed -nE "s/$2/\\1/p" "$1" 2>/dev/null | head -n 1)
    [[ -z $found ]] || break
    sleep 0.1
  done
  [[ -n $found ]] || { cat "$1" >&2 && die "It does not serve."; }
  echo "$found"
}

check_serving() {
  local root=$1 state=$folder/state built portal target status=0
  rm -rf "$state" && mkdir -p "$state"
  bazel build -c opt //tests/emulator //client/cli:docspace-keys
  built=$(bazel info -c opt bazel-bin 2>/dev/null)
  "$built/tests/emulator/emulator" --quiet --credentials-file "$state/credentials" >"$state/emulator.log" 2>&1 &
  pids+=($!)
  portal=$(wait_for "$state/emulator.log" '^(http:.*)$')
  (in_image "$root" "/usr/bin/$program" --docspace-url "$portal" --listen 127.0.0.1:0 --drain-delay 0s) \
    >"$state/gateway.log" 2>&1 &
  pids+=($!)
  target=$(wait_for "$state/gateway.log" '.*"serving","message":"([^ ]*) for .*')
  grep -qE '^Uid:\s65532\s65532\s65532\s65532$' "/proc/${pids[1]}/status" || die 'It runs by another user.'
  grep -qE '^CapEff:\s0+$' "/proc/${pids[1]}/status" || die 'It has capabilities.'
  echo 'ok: runs by its own user, without capabilities'
  (in_image "$root" "/usr/bin/$program" --docspace-url "$portal" --listen "$target" --health-probe) ||
    die 'Its health check fails.'
  echo 'ok: its health check succeeds'
  # shellcheck source=/dev/null
  source "$state/credentials"
  export DOCSPACE_API_KEY=$EMULATOR_OWNER_API_KEY DOCSPACE_KEYS_TARGET=$target
  "$built/client/cli/docspace-keys" --plaintext list >"$state/list"
  [[ -s $state/list ]] || die 'It answers no call.'
  echo "ok: answers a call"
  kill -TERM "${pids[1]}"
  wait "${pids[1]}" || status=$?
  ((status == 0)) || die "It ended with exit status $status."
  pids=("${pids[0]}")
  echo 'ok: drains and ends with exit status 0'
}

check() {
  local root
  container=$(engine from "$image")
  root=$(engine mount "$container")
  say 'Checking the image'
  check_contents "$root"
  check_serving "$root"
}

main() {
  local steps=() step
  choose trixie
  while (($#)); do
    case $1 in
      --debian) choose "${2:-}" && shift ;;
      build | check) steps+=("$1") ;;
      -h | --help) usage && exit ;;
      *) usage >&2 && exit 2 ;;
    esac
    shift
  done
  ((${#steps[@]})) || steps=(build check)
  ((EUID == 0)) || die 'Only root can lay out and mount the image here.'
  tools/setup/install.sh image
  mkdir -p "$folder"
  trap clean_up EXIT
  for step in "${steps[@]}"; do "$step"; done
}

main "$@"

#!/usr/bin/env bash
source "$(dirname "$0")/../setup/common.sh"

usage() {
  cat <<'EOF'
Usage: tools/check/image.sh [build] [check]

Builds and checks the image as root on a machine without a container engine. Without arguments does both:

  build  builds deploy/Dockerfile with buildah, on a Debian 12 from debootstrap. This takes a quarter of an
         hour, and 5 GB below .run/image
  check  checks the content of the image, and that its program serves calls under the conditions of a
         container engine: as its own user, without capabilities, on a read-only root
EOF
}

readonly folder=$PWD/.run/image image=docspace-apikeys-gateway

engine() {
  buildah --storage-driver=vfs --root="$folder/storage" --runroot="$folder/run" "$@"
}

# Replaces the base image that the Dockerfile names, which comes from a registry of images.
make_debian() {
  local container
  [[ -z $(engine images --quiet localhost/debian:12 2>/dev/null) ]] || return 0
  say 'Making a Debian 12'
  rm -rf "$folder/debian"
  debootstrap --variant=minbase bookworm "$folder/debian"
  container=$(engine from scratch)
  engine add --quiet "$container" "$folder/debian" /
  engine config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
  engine commit --quiet --rm "$container" localhost/debian:12
  rm -rf "$folder/debian"
}

build() {
  make_debian
  say 'Building the image'
  engine build --isolation=chroot --format=docker --build-arg=DEBIAN=localhost/debian:12 \
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
  holds 'nothing to run but the gateway' find "$root" -type f -perm /111 ! -name '*.so*' ! -path "*/bin/$image"
  holds 'no set-user-ID' find "$root" -perm /6000
  holds 'nothing that others may write to' find "$root" ! -type l -perm /022
  holds 'each package has its licence' comm -3 <(ls "$root/var/lib/dpkg/status.d") <(ls "$root/usr/share/doc")
  config=$(engine inspect --type=image \
    --format='{{with .Docker.Config}}{{.User}} {{.Entrypoint}} {{.Healthcheck.Test}}{{end}}' "$image")
  [[ $config == "65532:65532 [/usr/bin/$image] [CMD /usr/bin/$image --health-probe]" ]] ||
    die "The image's configuration is another: $config"
  echo "ok: user, entry point and health check"
  echo "It holds $(du -sh "$root" | cut -f1), $(find "$root" -type f | wc -l) files."
}

pids=()
clean_up() {
  ((${#pids[@]} == 0)) || kill -TERM "${pids[@]}" 2>/dev/null || true
  wait
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
  trap clean_up EXIT
  "$built/tests/emulator/emulator" --quiet --credentials-file "$state/credentials" >"$state/emulator.log" 2>&1 &
  pids+=($!)
  portal=$(wait_for "$state/emulator.log" '^(http:.*)$')
  (in_image "$root" "/usr/bin/$image" --docspace-url "$portal" --listen 127.0.0.1:0 --drain-delay 0s) \
    >"$state/gateway.log" 2>&1 &
  pids+=($!)
  target=$(wait_for "$state/gateway.log" '.*"serving","message":"([^ ]*) for .*')
  grep -qE '^Uid:\s65532\s65532\s65532\s65532$' "/proc/${pids[1]}/status" || die 'It runs by another user.'
  grep -qE '^CapEff:\s0+$' "/proc/${pids[1]}/status" || die 'It has capabilities.'
  echo 'ok: runs by its own user, without capabilities'
  (in_image "$root" "/usr/bin/$image" --docspace-url "$portal" --listen "$target" --health-probe) ||
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
  local container root
  container=$(engine from "$image")
  root=$(engine mount "$container")
  say 'Checking the image'
  check_contents "$root"
  check_serving "$root"
  engine rm "$container" >/dev/null
}

main() {
  local step
  (($#)) || set -- build check
  for step in "$@"; do
    case $step in
      build | check) ;;
      -h | --help) usage && exit ;;
      *) usage >&2 && exit 2 ;;
    esac
  done
  ((EUID == 0)) || die 'Only root can lay out and mount the image here.'
  tools/setup/install.sh image
  mkdir -p "$folder"
  for step in "$@"; do "$step"; done
}

main "$@"

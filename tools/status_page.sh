#!/usr/bin/env bash
# Looks at the status page in a browser, while the gateway is called: tools/status_page.sh [PICTURE].
# With PICTURE it makes one; without, it checks what is shown.
source "$(dirname "$0")/common.sh"

state='' pids=()

clean_up() {
  ((${#pids[@]} == 0)) || kill -TERM "${pids[@]}" 2>/dev/null || true
  wait
  rm -rf "$state"
}

# start COMMAND...: in the background.
start() {
  "$@" >>"$state/log" 2>&1 </dev/null &
  pids+=($!)
}

# wait_for FILE: until somebody has written it.
wait_for() {
  for ((i = 0; i < 300; i++)); do
    [[ ! -s $state/$1 ]] || return 0
    sleep 0.1
  done
  cat "$state/log" >&2
  die "nobody writes $1."
}

# Reads, the occasional write, and a key that the portal does not know.
keep_calling() {
  local i keys=$1
  # shellcheck source=/dev/null
  source "$state/credentials"
  export DOCSPACE_API_KEY=$EMULATOR_OWNER_API_KEY
  for ((i = 0; ; i++)); do
    "$keys" --plaintext list
    "$keys" --plaintext self
    ((i % 3)) || "$keys" --plaintext permissions
    ((i % 7)) || DOCSPACE_API_KEY=sk-$(printf '%064d' "$i") "$keys" --plaintext self
    ((i % 9)) || "$keys" --plaintext create --name "Key $i" --permission files:read
  done || true
}

main() {
  local built
  tools/install.sh test
  check_bazel
  bazel build -c opt //server:docspace-apikeys-gateway //client:docspace-keys //tests/emulator
  built=$(bazel info -c opt bazel-bin 2>/dev/null)
  state=$(mktemp -d)
  trap clean_up EXIT
  start "$built/tests/emulator/emulator" --quiet --address 127.0.0.1 --port 0 \
    --credentials-file "$state/credentials" --ready-file "$state/portal"
  wait_for portal
  start "$built/server/docspace-apikeys-gateway" --docspace-url "$(<"$state/portal")" --listen 127.0.0.1:0 \
    --admin-listen 127.0.0.1:0 --admin-ready-file "$state/admin" --ready-file "$state/gateway"
  wait_for gateway
  DOCSPACE_KEYS_TARGET=$(<"$state/gateway")
  export DOCSPACE_KEYS_TARGET
  start keep_calling "$built/client/docspace-keys"
  python3 tools/status_page.py "$(<"$state/admin")" "$@"
}

main "$@"

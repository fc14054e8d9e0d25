# The functions of the scripts that call a gateway and an emulated portal: tools/check/doctor.sh,
# tools/check/observability.sh and tools/docs/dashboard.sh. They source this file after tools/setup/common.sh.
# shellcheck shell=bash

# The folder of the built programs, and the folder for the log and for the files that the programs write when they are
# ready.
built='' state='' pids=()

# Builds the gateway, docspace-keys and the emulated portal. What is started afterwards ends with the script.
build_programs() {
  check_bazel
  bazel build -c opt //server:docspace-apikeys-gateway //client/cli:docspace-keys //tests/emulator
  built=$(bazel info -c opt bazel-bin 2>/dev/null)
  state=$(mktemp -d)
  trap clean_up EXIT
}

clean_up() {
  ((${#pids[@]} == 0)) || kill -TERM "${pids[@]}" 2>/dev/null || true
  wait
  rm -rf "$state"
}

# start COMMAND...: runs the command in the background.
start() {
  "$@" >>"$state/log" 2>&1 </dev/null &
  pids+=($!)
}

# start_portal OPTION...: starts an emulated portal. Its address is then in $state/portal, and its users' credentials are
# in $state/credentials.
start_portal() {
  rm -f "$state/portal" "$state/credentials"
  start "$built/tests/emulator/emulator" --quiet "$@" --credentials-file "$state/credentials" \
    --ready-file "$state/portal"
  wait_for test -s "$state/portal"
}

# start_gateway NAME OPTION...: starts a gateway for the last portal. Its address is then in $state/NAME. It drains at
# once, because no load balancer has to notice that it stops.
start_gateway() {
  rm -f "$state/$1"
  start "$built/server/docspace-apikeys-gateway" --docspace-url "$(<"$state/portal")" --listen 127.0.0.1:0 \
    --ready-file "$state/$1" --drain-delay 0s "${@:2}"
  wait_for test -s "$state/$1"
}

# wait_for COMMAND...: repeats the command until it succeeds.
wait_for() {
  for ((i = 0; i < 300; i++)); do
    ! "$@" >/dev/null 2>&1 || return 0
    sleep 0.1
  done
  tail -n 20 "$state/log" >&2
  die "this does not come true: $*"
}

# keep_calling GATEWAY: calls the gateway with reads, some writes, and a key that the portal does not have.
keep_calling() {
  local i keys=$built/client/cli/docspace-keys
  # shellcheck source=/dev/null
  source "$state/credentials"
  export DOCSPACE_API_KEY=$EMULATOR_OWNER_API_KEY DOCSPACE_KEYS_TARGET=$1
  for ((i = 0; ; i++)); do
    "$keys" --plaintext list
    "$keys" --plaintext self
    ((i % 3)) || "$keys" --plaintext permissions
    ((i % 7)) || DOCSPACE_API_KEY=sk-$(printf '%064d' "$i") "$keys" --plaintext self
    ((i % 9)) || "$keys" --plaintext create --name "Key $i" --permission files:read
  done || true
}

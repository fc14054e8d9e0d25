# The functions that tools/status_page.sh and tools/dashboard.sh share, for programs in the background and for calls.
# Both source this file after tools/common.sh.
# shellcheck shell=bash

# The folder for the log, and for the files that the programs write when they are ready.
state='' pids=()

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

# wait_for COMMAND...: repeats the command until it succeeds.
wait_for() {
  for ((i = 0; i < 300; i++)); do
    ! "$@" >/dev/null 2>&1 || return 0
    sleep 0.1
  done
  tail -n 20 "$state/log" >&2
  die "this does not come true: $*"
}

# keep_calling PROGRAM GATEWAY: calls the gateway with reads, some writes, and a key that the portal does not have.
keep_calling() {
  local i keys=$1
  # shellcheck source=/dev/null
  source "$state/credentials"
  export DOCSPACE_API_KEY=$EMULATOR_OWNER_API_KEY DOCSPACE_KEYS_TARGET=$2
  for ((i = 0; ; i++)); do
    "$keys" --plaintext list
    "$keys" --plaintext self
    ((i % 3)) || "$keys" --plaintext permissions
    ((i % 7)) || DOCSPACE_API_KEY=sk-$(printf '%064d' "$i") "$keys" --plaintext self
    ((i % 9)) || "$keys" --plaintext create --name "Key $i" --permission files:read
  done || true
}

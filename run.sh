#!/usr/bin/env bash
source "$(dirname "$0")/tools/setup/common.sh"

usage() {
  cat <<'EOF'
Usage: ./run.sh [--once] [--port PORT] [--emulator-port PORT]

Installs the packages that are missing, builds, starts an emulated DocSpace portal and the gateway on
127.0.0.1, calls all six RPCs (the tour), and then serves until Ctrl-C.

  --once                end after the tour; the exit status is 0 only if every step succeeded
  --port PORT           the gateway's port; by default a free one
  --emulator-port PORT  the emulated portal's port; by default a free one
  --help                print this text

If DOCSPACE_URL is set, the gateway serves that portal and nothing is emulated. The tour then needs one of
DOCSPACE_API_KEY, DOCSPACE_BASIC, DOCSPACE_BEARER_TOKEN and DOCSPACE_SESSION_TOKEN. It creates a key named
"Tour" in the portal and deletes it again. The secret of the key is never printed.

The folder .run/latest belongs to the running gateway: gateway.ready has its address, and credentials has
those of the emulated portal's users.
EOF
}

readonly bin=.run/bin
once='' port=0 emulator_port=0
portal=${DOCSPACE_URL:-}
state='' target='' credential='' key_id='' answer=''
declare -A pids=()

parse_arguments() {
  while (($#)); do
    case $1 in
      --once) once=1 ;;
      --port)
        port=$(port_number "$@")
        shift
        ;;
      --emulator-port)
        emulator_port=$(port_number "$@")
        shift
        ;;
      -h | --help)
        usage
        exit
        ;;
      *)
        usage >&2
        exit 2
        ;;
    esac
    shift
  done
}

# port_number FLAG VALUE...
port_number() {
  if [[ ! ${2:-} =~ ^(0|[1-9][0-9]{0,4})$ ]] || (($2 > 65535)); then
    die "$1 must be a port: 0 to 65535"
  fi
  echo "$2"
}

build() {
  local targets=(//server:docspace-apikeys-gateway //client/cli:docspace-keys //proto:api_keys_descriptor_set) built
  [[ -n $portal ]] || targets+=(//tests/emulator:emulator)
  bazel build -c opt "${targets[@]}"
  built=$(bazel info -c opt bazel-bin 2>/dev/null)
  # A later build does not change the copies.
  install -D --target-directory="$bin" "$built"/server/docspace-apikeys-gateway "$built"/client/cli/docspace-keys
  [[ -n $portal ]] || install "$built"/tests/emulator/emulator "$bin/docspace-emulator"
  install -m 644 "$built"/proto/api_keys_descriptor_set.binpb .run/api_keys.binpb
}

# start NAME COMMAND...: runs the command in the background and waits until it has written its --ready-file.
start() {
  local name=$1
  shift
  "$@" --ready-file "$state/$name.ready" >"$state/$name.log" 2>&1 </dev/null &
  pids[$name]=$!
  for ((i = 0; i < 300; i++)); do
    [[ ! -s $state/$name.ready ]] || return 0
    kill -0 "${pids[$name]}" 2>/dev/null || break
    sleep 0.1
  done
  cat "$state/$name.log" >&2
  die "The $name did not start."
}

# stop NAME: stops the program and returns its exit status.
stop() {
  local pid=${pids[$1]:-}
  [[ -n $pid ]] || return 0
  unset "pids[$1]"
  kill -TERM "$pid" 2>/dev/null
  for ((i = 0; i < 300; i++)); do
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  kill -KILL "$pid" 2>/dev/null
  wait "$pid"
}

clean_up() {
  set +e
  trap '' INT TERM
  # A tour that was interrupted leaves no key in the portal.
  [[ -z $key_id ]] || docspace-keys --plaintext delete --yes "$key_id" >/dev/null 2>&1
  stop gateway
  stop emulator
  [[ -z $state ]] || rm -rf "$state"
  [[ $(readlink .run/latest) != "${state#.run/}" ]] || rm -f .run/latest
}

start_all() {
  state=$(mktemp -d .run/XXXXXX)
  [[ -n $once ]] || ln -sfn "${state#.run/}" .run/latest
  if [[ -z $portal ]]; then
    start emulator "$bin/docspace-emulator" --quiet --address 127.0.0.1 --port "$emulator_port" \
      --credentials-file "$state/credentials"
    portal=$(<"$state/emulator.ready")
  fi
  # No load balancer has to notice that it stops.
  start gateway "$bin/docspace-apikeys-gateway" --docspace-url "$portal" --listen "127.0.0.1:$port" --drain-delay 0s
  target=$(<"$state/gateway.ready")
  say "The gateway serves $portal at $target"
}

# run COMMAND: prints the command and runs it.
run() {
  printf '\n$ %s\n' "$1"
  eval "$1"
}

# step STATUS PATTERN COMMAND: runs the command, and fails unless it exits with STATUS and its output, which is kept in
# `answer`, matches PATTERN.
step() {
  local status=0
  printf '\n$ %s\n' "$3"
  answer=$(eval "$3" 2>&1) || status=$?
  printf '%s\n' "$answer"
  ((status == 0)) || echo "(exit status $status)"
  ((status == $1)) || fail "the command must exit with status $1."
  grep -qE -- "$2" <<<"$answer" || fail "the output must match: $2"
}

fail() {
  printf '\n--- the end of the gateway log\n' >&2
  tail -n 20 "$state/gateway.log" >&2
  die "The tour failed: $*"
}

# Sets `credential` to the variable that holds the credential: of the emulated portal's owner, or from the environment.
choose_credential() {
  local variable
  if [[ -s $state/credentials ]]; then
    unset DOCSPACE_API_KEY DOCSPACE_BEARER_TOKEN DOCSPACE_SESSION_TOKEN
    # shellcheck disable=SC2016
    run ". $state/credentials; "'export DOCSPACE_BASIC="$EMULATOR_OWNER_EMAIL:$EMULATOR_OWNER_PASSWORD"'
  fi
  for variable in DOCSPACE_API_KEY DOCSPACE_BASIC DOCSPACE_BEARER_TOKEN DOCSPACE_SESSION_TOKEN; do
    [[ -z ${!variable:-} ]] || credential=$variable
  done
  [[ -n $credential ]]
}

json_field() {
  python3 -c 'import json, sys; print(json.load(sys.stdin)["response"][sys.argv[1]])' "$1"
}

# Returns whether the gateway's log holds the credential or the secret of the new key. Neither is an argument of a
# program, because other users can see arguments in the list of processes.
log_holds_secret() {
  { cat "$1" && printf '%s\n' "${!credential#*:}"; } | grep -qF -f - "$state/gateway.log"
}

tour() {
  local key_file=$state/tour.key
  # The tool accepts one credential, so the other one must be unset.
  local as_new_key="env -u $credential docspace-keys --plaintext --credential-file $key_file --credential-scheme api-key"
  say 'A tour through the six RPCs'
  step 0 '^files:read$' 'docspace-keys --plaintext permissions'
  step 0 '"key": "sk-\*\*\*[0-9a-f]{4}"' \
    "docspace-keys --plaintext create --name Tour --permission '*:read' --expires-in-days 30 --secret-file $key_file --output json"
  key_id=$(sed -n '/^{/,/^}/p' <<<"$answer" | json_field id)
  step 0 "$key_id" 'docspace-keys --plaintext list'
  step 0 "$key_id" "$as_new_key self"
  step 0 '^updated: true$' "docspace-keys --plaintext update $key_id --name 'Tour, over' --deactivate"
  say 'A key that is not active does not authenticate:'
  step 3 'UNAUTHENTICATED' "$as_new_key self"
  step 0 '^deleted: true$' "docspace-keys --plaintext delete --yes $key_id"
  step 0 '' 'docspace-keys --plaintext list'
  ! grep -qF "$key_id" <<<"$answer" || fail 'the deleted key is still listed.'
  key_id=''
  ! log_holds_secret "$key_file" || die 'The gateway has logged a credential.'
  rm "$key_file"
  say 'Every step succeeded.'
}

print_how_to_call() {
  cat <<EOF

The gateway serves at $target, without TLS. Its log: $state/gateway.log
EOF
  [[ ! -s $state/credentials ]] || echo "The emulated portal's users and their credentials: $state/credentials"
  cat <<EOF

In another terminal, here:

  export PATH="\$PWD/$bin:\$PATH" DOCSPACE_KEYS_TARGET=$target
EOF
  [[ ! -s $state/credentials ]] ||
    echo "  source $state/credentials; export DOCSPACE_API_KEY=\"\$EMULATOR_OWNER_API_KEY\""
  cat <<EOF
  docspace-keys --plaintext list
  docspace-keys --help

With grpcurl, by reflection or by the descriptors:

  header='authorization: Bearer \${DOCSPACE_API_KEY}' service=docspace.apikeys.v1.ApiKeys
  grpcurl -plaintext -expand-headers -H "\$header" $target \$service/GetApiKeys
  grpcurl -plaintext -expand-headers -H "\$header" -protoset .run/api_keys.binpb $target \$service/GetApiKeys

Ctrl-C stops everything.
EOF
}

main() {
  parse_arguments "$@"
  tools/setup/install.sh run
  say 'Building'
  mkdir -p .run
  build
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  start_all
  run "export PATH=\"$PWD/$bin:\$PATH\" DOCSPACE_KEYS_TARGET=$target"
  if choose_credential; then
    tour
  elif [[ -n $once ]]; then
    die 'Without a credential there is no tour: see ./run.sh --help'
  fi
  if [[ -n $once ]]; then
    stop gateway || die "The gateway ended with exit status $?."
    return
  fi
  print_how_to_call
  wait -n "${pids[@]}" || true
  tail -n 20 "$state"/*.log >&2
  die 'A server has ended.'
}

main "$@"

#!/usr/bin/env bash
# Runs `docspace-keys doctor` through the gateway against the emulated portal of each release. Fails
# unless each report has the right release and no difference: see docs/doctor.md.
source "$(dirname "$0")/../setup/common.sh"
source tools/setup/called_gateway.sh

# serve EMULATOR_OPTION...: starts a portal and a gateway, and exports what docspace-keys needs.
serve() {
  start_portal "$@"
  start_gateway gateway
  # shellcheck source=/dev/null
  source "$state/credentials"
  export DOCSPACE_API_KEY=$EMULATOR_OWNER_API_KEY DOCSPACE_KEYS_TARGET
  DOCSPACE_KEYS_TARGET=$(<"$state/gateway")
}

# portal_has KEYS: returns whether the portal has that number of keys.
portal_has() {
  python3 -c 'import json, sys, urllib.request
with urllib.request.urlopen(sys.argv[1], timeout=10) as answer:
    sys.exit(json.load(answer)["keys"] != int(sys.argv[2]))' "$EMULATOR_URL/emulator/state" "$1"
}

# examine RELEASE PATTERN EMULATOR_OPTION...: examines a portal; the report must match PATTERN.
examine() {
  local release=$1 pattern=$2 report
  shift 2
  say "A portal of release $release ${*:+with $*}"
  serve --generation "$release" "$@"
  report=$("$built/client/cli/docspace-keys" doctor --plaintext) || die "the doctor ended with exit status $?: $report"
  printf '%s\n' "$report"
  grep -qxE "release +$release" <<<"$report" || die "the report does not name the release $release."
  grep -qE -- "$pattern" <<<"$report" || die "the report does not match: $pattern"
  ! grep -qE 'sk-[0-9a-f]{8}' <<<"$report" || die 'the report shows a secret.'
}

# interrupt SIGNAL STATUS: stops an examination once its key is there.
interrupt() {
  local doctor status=0
  say "An examination that is stopped by SIG$1"
  serve --delay 100
  "$built/client/cli/docspace-keys" doctor --plaintext &
  doctor=$!
  wait_for portal_has 5
  kill -"$1" "$doctor"
  wait "$doctor" || status=$?
  ((status == $2)) || die "the doctor ended with exit status $status."
  portal_has 4 || die 'the doctor has left its key in the portal.'
}

main() {
  build_programs
  examine 3.1 'MySQL'
  examine 3.2 'PostgreSQL' --database postgresql
  examine 3.7 'limit 15, remaining 0' --limits cloud --delay 300
  examine next 'fails on a character beyond' --database mysql-strict
  interrupt TERM 143
  interrupt HUP 129
  say 'Each examination found its release and no difference, and left nothing.'
}

main "$@"

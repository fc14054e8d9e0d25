#!/usr/bin/env bash
# Opens the status page in a browser while the gateway is called: tools/status_page.sh [PICTURE]. With
# PICTURE it takes a picture; without, it checks the content of the page.
source "$(dirname "$0")/common.sh"
source tools/called_gateway.sh

main() {
  local built
  tools/install.sh check
  check_bazel
  bazel build -c opt //server:docspace-apikeys-gateway //client/cli:docspace-keys //tests/emulator
  built=$(bazel info -c opt bazel-bin 2>/dev/null)
  state=$(mktemp -d)
  trap clean_up EXIT
  start "$built/tests/emulator/emulator" --quiet --address 127.0.0.1 --port 0 \
    --credentials-file "$state/credentials" --ready-file "$state/portal"
  wait_for test -s "$state/portal"
  start "$built/server/docspace-apikeys-gateway" --docspace-url "$(<"$state/portal")" --listen 127.0.0.1:0 \
    --admin-listen 127.0.0.1:0 --admin-ready-file "$state/admin" --ready-file "$state/gateway"
  wait_for test -s "$state/gateway"
  start keep_calling "$built/client/cli/docspace-keys" "$(<"$state/gateway")"
  python3 tools/status_page.py "$(<"$state/admin")" "$@"
}

main "$@"

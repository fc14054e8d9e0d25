#!/usr/bin/env bash
source "$(dirname "$0")/../setup/common.sh"
source tools/setup/called_gateway.sh

usage() {
  cat <<'EOT'
Usage: tools/check/observability.sh spans
       tools/check/observability.sh status_page [PICTURE]

Checks what the gateway tells its operators, with programs of other projects:

  spans        a collector made of gRPC's and OpenTelemetry's packages for Python receives the right spans, and
               Prometheus's parser reads the metrics with their exemplars
  status_page  the status page has the right content in a browser while the gateway is called. With PICTURE,
               takes a picture of the page instead: docs/pictures/status.png is one
EOT
}

check_spans() {
  local receiver=.run/tracing/venv
  python_environment tools/check/observability/requirements.txt "$receiver"
  build_programs
  "$receiver/bin/python" -B tools/check/observability/spans.py "$built/server/docspace-apikeys-gateway" \
    "$built/client/cli/docspace-keys" "$built/tests/emulator/emulator"
}

check_status_page() {
  tools/setup/install.sh check
  build_programs
  # shellcheck disable=SC2119  # The portal needs no option.
  start_portal
  start_gateway gateway --admin-listen 127.0.0.1:0 --admin-ready-file "$state/admin"
  wait_for test -s "$state/admin"
  start keep_calling "$(<"$state/gateway")"
  python3 -B tools/check/observability/status_page.py "$(<"$state/admin")" "$@"
}

case ${1:-} in
  spans | status_page) "check_$1" "${@:2}" ;;
  -h | --help) usage ;;
  *) usage >&2 && exit 2 ;;
esac

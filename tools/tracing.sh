#!/usr/bin/env bash
# Checks the gateway's spans with a receiver of another project: runs tools/tracing/check.py with the
# packages of gRPC and OpenTelemetry for Python.
source "$(dirname "$0")/common.sh"

readonly receiver=.run/tracing/venv

main() {
  local built
  python_environment tools/tracing/requirements.txt "$receiver"
  bazel build -c opt //server:docspace-apikeys-gateway //client/cli:docspace-keys //tests/emulator:emulator
  built=$(bazel info -c opt bazel-bin 2>/dev/null)
  "$receiver/bin/python" -B tools/tracing/check.py "$built/server/docspace-apikeys-gateway" \
    "$built/client/cli/docspace-keys" "$built/tests/emulator/emulator"
}

main "$@"

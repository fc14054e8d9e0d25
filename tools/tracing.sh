#!/usr/bin/env bash
# Checks the gateway's spans as a receiver of another maker gets them: tools/tracing/check.py, with the
# packages of gRPC and OpenTelemetry for Python.
source "$(dirname "$0")/common.sh"

readonly folder=.run/tracing requirements=tools/tracing/requirements.txt

# Debian's Python: the hashes are of what is made for its version.
install_receiver() {
  cmp -s "$requirements" "$folder/venv/requirements.txt" && return
  /usr/bin/python3 -m venv --clear "$folder/venv"
  "$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
    --requirement "$requirements"
  cp "$requirements" "$folder/venv/requirements.txt"
}

main() {
  local built
  mkdir -p "$folder"
  install_receiver
  bazel build -c opt //server:docspace-apikeys-gateway //client:docspace-keys //tests/emulator:emulator
  built=$(bazel info -c opt bazel-bin 2>/dev/null)
  "$folder/venv/bin/python" -B tools/tracing/check.py "$built/server/docspace-apikeys-gateway" \
    "$built/client/docspace-keys" "$built/tests/emulator/emulator"
}

main "$@"

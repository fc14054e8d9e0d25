#!/usr/bin/env bash
source "$(dirname "$0")/../setup/common.sh"

usage() {
  cat <<'EOF'
Usage: tools/clients/interop.sh

Calls the gateway with tools of other projects: through grpc-gateway, which the proto's annotations configure,
by the portal's REST API, and with buf by reflection. See tests/interop/interop.py.
EOF
}

main() {
  local missing built root=$PWD
  case ${1:-} in
    -h | --help) usage && exit ;;
  esac
  missing=$(tests/contract/go/runner.sh missing)
  if [[ -n $missing ]]; then
    echo "SKIPPED interop: this machine lacks $missing"
    [[ -z ${CI:-} ]]
    return
  fi
  bazel build -c opt //server:docspace-apikeys-gateway //tests/emulator:emulator
  built=$(bazel info -c opt bazel-bin 2>/dev/null)
  install -D --target-directory=.run/interop "$built/server/docspace-apikeys-gateway"
  install "$built/tests/emulator/emulator" .run/interop/docspace-emulator
  tools/clients/generate.sh go
  (cd tests/interop && GOBIN=$root/.run/interop go install tool)
  tools/clients/buf/node_modules/.bin/buf generate --template tests/interop/buf.gen.yaml
  [[ -z $(gofmt -d tests/interop/main.go | tee >(cat >&2)) ]]
  (cd tests/interop && go build -o "$root/.run/interop/transcoder" .)
  python3 tests/interop/interop.py --bin .run/interop --transcoder .run/interop/transcoder --buf tools/clients/buf/node_modules/.bin/buf
}

main "$@"

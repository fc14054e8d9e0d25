#!/usr/bin/env bash
source "$(dirname "$0")/../../tools/setup/common.sh"

usage() {
  cat <<'USAGE'
Usage: tests/proxies/run.sh [--page]

Runs the gateway with Envoy, nginx and HAProxy between it and a portal that ends or stalls at each stage of an
exchange, and compares the status of each RPC with what the portal did. See tests/proxies/matrix.py.
Then runs the gateway behind the proxies of deploy/proxies. See tests/proxies/front_proxies_test.cc.

  --page   write docs/proxies.md
USAGE
}

main() {
  local built page=() envoy=$PWD/.run/proxies/envoy/lib/python3.11/site-packages/envoy/_bin/envoy
  case ${1:-} in
    -h | --help) usage && exit ;;
    --page) page=(--page docs/proxies.md) ;;
  esac
  bazel build -c opt //server:docspace-apikeys-gateway //proto:api_keys_descriptor_set
  built=$(bazel info -c opt bazel-bin 2>/dev/null)
  install -D --target-directory=.run/proxies "$built/server/docspace-apikeys-gateway"
  install -D --mode=644 "$built/proto/api_keys_descriptor_set.binpb" .run/proxies/api_keys.binpb
  python_environment tests/proxies/requirements.txt .run/proxies/envoy
  # gRPC and Protobuf for Python.
  python_environment client/python/requirements.txt .run/clients/python
  .run/clients/python/bin/python -B tests/proxies/matrix.py --bin .run/proxies --proto .run/proxies/api_keys.binpb \
    --envoy "$envoy" "${page[@]}"
  bazel test -c opt --test_output=errors --test_env=DOCSPACE_ENVOY="$envoy" //tests/proxies:front_proxies_test
}

main "$@"

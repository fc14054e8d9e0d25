#!/usr/bin/env bash
source "$(dirname "$0")/common.sh"

usage() {
  cat <<'EOF'
Usage: tools/generate.sh [--check] [LANGUAGE...]

Generates the stubs of the clients from the proto, by buf and each language's own plugins, as
client/LANGUAGE/buf.gen.yaml says. Without arguments of all languages there is a toolchain for.

  --check   fails where what is committed is not what is generated
EOF
}

readonly protos=(docspace/apikeys/v1/api_keys.proto google/rpc/status.proto google/rpc/error_details.proto)
readonly googleapis=/usr/share/gocode/src/github.com/gogo/googleapis
readonly descriptors=.run/clients/descriptors.binpb

# Puts a language's plugins where its buf.gen.yaml looks for them.
install_python() { python_environment client/python/requirements.txt .run/clients/python; }
install_go() { (cd tools/go && GOBIN=$root/.run/clients/go/bin go install tool); }
install_typescript() { npm_packages client/typescript; }
install_rust() {
  CARGO_TARGET_DIR=.run/rust cargo build --quiet --locked --manifest-path client/rust/Cargo.toml \
    --package protoc-gen-docspace-apikeys
}

# What is beyond buf.
finish_python() {
  .run/clients/python/bin/python -m grpc_tools.protoc --descriptor_set_in="$descriptors" \
    --grpc_python_out=client/python/src "${protos[0]}"
}

generate() {
  say "Generating $1"
  "install_$1"
  tools/buf/node_modules/.bin/buf generate --template "client/$1/buf.gen.yaml"
  [[ $(type -t "finish_$1") != function ]] || "finish_$1"
}

main() {
  local language check='' chosen=()
  root=$PWD
  while (($#)); do
    case $1 in
      -h | --help) usage && exit ;;
      --check) check=1 ;;
      *) chosen+=("$1") ;;
    esac
    shift
  done
  if ((!${#chosen[@]})); then
    for language in client/*/buf.gen.yaml; do chosen+=("$(basename "$(dirname "$language")")"); done
  fi
  npm_packages tools/buf
  mkdir -p "$(dirname "$descriptors")"
  protoc --include_imports --include_source_info -Iproto "-I$googleapis" "--descriptor_set_out=$descriptors" "${protos[@]}"
  for language in "${chosen[@]}"; do
    if [[ -n $("tests/contract/$language/runner.sh" missing) ]]; then
      echo "SKIPPED $language: this machine lacks $("tests/contract/$language/runner.sh" missing)"
    else
      generate "$language"
    fi
  done
  [[ -z $check ]] || [[ -z $(git status --porcelain client) ]] ||
    die "What is committed is not what tools/generate.sh generates:
$(git status --porcelain client)"
}

main "$@"

#!/usr/bin/env bash
source "$(dirname "$0")/../setup/common.sh"

usage() {
  cat <<'EOF'
Usage: tools/clients/generate.sh [--check] [LANGUAGE...]

Generates the clients' stubs from the proto with buf and each language's own plugins, by
client/LANGUAGE/buf.gen.yaml. Without arguments it does so for every language that has a toolchain.

  --check   fail if the committed stubs differed from the generated ones, which replace them
EOF
}

readonly protos=(docspace/apikeys/v1/api_keys.proto google/rpc/status.proto google/rpc/error_details.proto)
readonly googleapis=/usr/share/gocode/src/github.com/gogo/googleapis
# The folders in which the generated code is committed.
readonly committed=(client/go/v1 client/rust/src/generated)
readonly descriptors=.run/clients/descriptors.binpb

# Installs a language's plugins in the folder that its buf.gen.yaml names.
install_python() { python_environment client/python/requirements.txt .run/clients/python; }
install_go() { (cd tools/clients/go && GOBIN=$root/.run/clients/go/bin go install tool); }
install_typescript() { npm_packages client/typescript; }
install_ruby() { :; } # Debian's own.
install_rust() {
  CARGO_TARGET_DIR=.run/rust cargo build --quiet --locked --manifest-path client/rust/Cargo.toml \
    --package protoc-gen-docspace-apikeys
}

# Does the steps that buf cannot.
finish_python() {
  .run/clients/python/bin/python -m grpc_tools.protoc --descriptor_set_in="$descriptors" \
    --grpc_python_out=client/python/src "${protos[0]}"
}

generate() {
  say "Generating $1"
  "install_$1"
  tools/clients/buf/node_modules/.bin/buf generate --template "client/$1/buf.gen.yaml"
  [[ $(type -t "finish_$1") != function ]] || "finish_$1"
}

checksums() {
  find "${committed[@]}" -type f -exec sha256sum {} + | sort
}

main() {
  local language missing before check='' chosen=()
  root=$PWD before=$(checksums)
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
  npm_packages tools/clients/buf
  mkdir -p "$(dirname "$descriptors")"
  protoc --include_imports --include_source_info -Iproto "-I$googleapis" "--descriptor_set_out=$descriptors" "${protos[@]}"
  for language in "${chosen[@]}"; do
    missing=$("tests/contract/$language/runner.sh" missing)
    if [[ -n $missing ]]; then
      echo "SKIPPED $language: this machine lacks $missing"
    else
      generate "$language"
    fi
  done
  [[ -z $check || $before == $(checksums) ]] || die "Stale, and generated anew: ${committed[*]}"
}

main "$@"

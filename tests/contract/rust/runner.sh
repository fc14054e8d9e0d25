#!/usr/bin/env bash
# The contract suite's runner for Rust: see tests/contract/README.md.
source "$(dirname "$0")/../../../tools/setup/common.sh"

export CARGO_TARGET_DIR=$PWD/.run/rust
readonly manifest=client/rust/Cargo.toml

# The output is "rustc 1.95.0 (59807616e 2026-03-21)".
has_rust() {
  local version
  version=$(rustc --version 2>/dev/null | sed -nE 's/^rustc 1\.([0-9]+)\..*/\1/p')
  ((${version:-0} >= 88)) && command -v cargo >/dev/null
}

case $1 in
  missing) has_rust || echo 'Rust 1.88' ;;
  build)
    bazel build -c opt //proto:api_keys_descriptor_set
    cargo build --quiet --locked --manifest-path "$manifest" --package contract-runner
    cargo build --quiet --locked --manifest-path "$manifest" --example tour
    ;;
  test)
    ! cargo fmt --version >/dev/null 2>&1 || cargo fmt --check --all --manifest-path "$manifest"
    ! cargo clippy --version >/dev/null 2>&1 ||
      cargo clippy --quiet --locked --manifest-path "$manifest" --workspace --all-targets -- -D warnings
    cargo test --locked --manifest-path "$manifest"
    ;;
  example) echo 'rust .run/rust/debug/examples/tour' ;;
  list)
    echo "rust .run/rust/debug/contract-runner $(bazel info -c opt bazel-bin 2>/dev/null)/proto/api_keys_descriptor_set.binpb"
    ;;
esac

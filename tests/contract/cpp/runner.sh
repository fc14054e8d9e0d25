#!/usr/bin/env bash
# The contract suite's runner for C++, whose own tests run under Bazel: see tests/contract/README.md.
source "$(dirname "$0")/../../../tools/setup/common.sh"

binaries() { bazel info -c opt bazel-bin 2>/dev/null; }

case $1 in
  missing) ;;
  build) bazel build -c opt //tests/contract/cpp:runner //client/cpp/example:tour ;;
  test) ;;
  example) echo "c++ $(binaries)/client/cpp/example/tour" ;;
  list) echo "c++ $(binaries)/tests/contract/cpp/runner" ;;
esac

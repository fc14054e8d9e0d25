#!/usr/bin/env bash
# The contract suite's runner for C++: see tests/contract/README.md.
source "$(dirname "$0")/../../../tools/common.sh"

case $1 in
  missing) ;;
  build) bazel build -c opt //tests/contract/cpp:runner ;;
  list) echo "c++ $(bazel info -c opt bazel-bin 2>/dev/null)/tests/contract/cpp/runner" ;;
esac

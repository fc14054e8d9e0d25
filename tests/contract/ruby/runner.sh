#!/usr/bin/env bash
# The contract suite's runner for Ruby: see tests/contract/README.md.
source "$(dirname "$0")/../../../tools/setup/common.sh"

case $1 in
  missing) ruby -e 'require "grpc"; require "google/rpc/status_pb"' >/dev/null 2>&1 || echo "Ruby 3.1 with Debian's ruby-grpc" ;;
  build) tools/clients/generate.sh ruby ;;
  test) ruby -Iclient/ruby/lib client/ruby/test/apikeys_test.rb ;;
  example) echo 'ruby ruby -Iclient/ruby/lib client/ruby/example/tour.rb' ;;
  list) echo 'ruby ruby -Iclient/ruby/lib tests/contract/ruby/runner.rb' ;;
esac

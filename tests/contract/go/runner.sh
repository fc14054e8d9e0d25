#!/usr/bin/env bash
# The contract suite's runner for Go: see tests/contract/README.md.
source "$(dirname "$0")/../../../tools/setup/common.sh"

# The output is "go version go1.26.8 linux/amd64".
has_go() {
  local version
  version=$(GOTOOLCHAIN=local go version 2>/dev/null | sed -nE 's/^go version go1\.([0-9]+).*/\1/p')
  ((${version:-0} >= 26))
}

case $1 in
  missing) has_go || echo 'Go 1.26' ;;
  build)
    mkdir -p .run/clients/go/bin
    bin=$PWD/.run/clients/go/bin
    (cd client/go && go build -o "$bin/example" ./example)
    (cd tests/contract/go && go build -o "$bin/runner" .)
    ;;
  test)
    unformatted=$(gofmt -l client/go tests/contract/go)
    [[ -z $unformatted ]] || die "gofmt would change: $unformatted"
    (cd tests/contract/go && go vet ./...)
    cd client/go
    go vet ./...
    go test ./...
    ;;
  example) echo 'go .run/clients/go/bin/example' ;;
  list) echo 'go .run/clients/go/bin/runner' ;;
esac

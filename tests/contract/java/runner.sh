#!/usr/bin/env bash
# The contract suite's runners for Java: see tests/contract/README.md.
source "$(dirname "$0")/../../../tools/setup/common.sh"

# main DIRECTORY CLASS prints the command that runs a module's program.
main() { echo "java -cp $1/target/classes:$1/target/lib/* $2"; }

case $1 in
  missing)
    if ! javac --release 17 --version >/dev/null 2>&1; then
      echo 'a JDK of 17 or later'
    elif ! command -v mvn >/dev/null; then
      echo 'Maven'
    fi
    ;;
  build)
    mvn --batch-mode --quiet --strict-checksums --file client/java/pom.xml \
      --projects :apikeys-example,:apikeys-contract --also-make -DskipTests package
    ;;
  test)
    mvn --batch-mode --strict-checksums --no-transfer-progress --file client/java/pom.xml --projects :apikeys test
    ;;
  example) echo "java $(main client/java/example dev.docspace.apikeys.example.Tour)" ;;
  list)
    for style in blocking future; do
      echo "java-$style $(main tests/contract/java dev.docspace.apikeys.contract.Java) $style"
    done
    ;;
esac

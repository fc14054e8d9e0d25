#!/usr/bin/env bash
# The contract suite's runner for Kotlin: see tests/contract/README.md.
source "$(dirname "$0")/../../../tools/setup/common.sh"

# main DIRECTORY CLASS prints the command that runs a module's program.
main() { echo "java -cp $1/target/classes:$1/target/lib/* $2"; }

case $1 in
  missing) tests/contract/java/runner.sh missing ;;
  build)
    mvn --batch-mode --quiet --strict-checksums --file client/java/pom.xml \
      --projects :apikeys-kotlin-example,:apikeys-kotlin-contract --also-make -DskipTests package
    ;;
  # It is the Java helper with its own stubs.
  test) ;;
  example) echo "kotlin $(main client/kotlin/example dev.docspace.apikeys.example.TourKt)" ;;
  list) echo "kotlin $(main tests/contract/kotlin dev.docspace.apikeys.contract.KotlinKt)" ;;
esac

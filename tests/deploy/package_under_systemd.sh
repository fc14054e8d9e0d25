#!/usr/bin/env bash
# Installs, starts, upgrades, removes and purges the Debian package on a Debian that systemd has booted, where
# tools/check/package.sh runs it with the packages in /mnt.
set -euo pipefail

readonly unit=docspace-apikeys-gateway
readonly config=/etc/$unit/config.yaml

ok() { echo "ok: $*"; }

fail() {
  echo "FAILED: $*"
  systemctl status --no-pager --full "$unit" || true
  journalctl --no-pager --lines=40 --unit "$unit" || true
  exit 1
}

property() { systemctl show --property="$1" --value "$unit"; }
state() { property ActiveState; }

# becomes VALUE COMMAND...: waits until the command prints the value.
becomes() {
  local i
  for ((i = 0; i < 600; i++)); do
    [[ $("${@:2}") != "$1" ]] || return 0
    sleep 0.1
  done
  return 1
}

calls_gateway() {
  local status=0 printed
  printed=$(DOCSPACE_API_KEY=sk-test docspace-keys --target localhost:50051 "$@" list 2>&1) || status=$?
  # The gateway answers that it reaches no portal.
  [[ $status == 8 && $printed == *UNAVAILABLE* ]] || fail "a call through the gateway: $status $printed"
}

install_package() {
  dpkg --install /mnt/package.deb
  [[ $(systemctl is-enabled "$unit") == disabled ]] || fail 'the service is enabled before it is configured'
  [[ $(state) == inactive ]] || fail 'the service starts before it is configured'
  ok 'is installed, and does not start before it is configured'
}

start_unconfigured() {
  ! systemctl start "$unit" || fail 'the service starts without a portal'
  [[ $(property ExecMainStatus) == 2 && $(state) == failed && $(property NRestarts) == 0 ]] ||
    fail 'a wrong configuration makes systemd start the service again and again'
  journalctl --unit "$unit" | grep -q 'docspace-url' || fail 'the journal does not name the setting'
  systemctl reset-failed "$unit"
  ok 'fails once without a portal, and names the setting'
}

start() {
  sed -i 's|^#docspace-url:.*|docspace-url: http://127.0.0.1:1|' "$config"
  systemctl enable --now "$unit" || fail 'the service does not start'
  [[ $(state) == active ]] || fail 'the service is not active'
  [[ $(property StatusText) == 'Serving 127.0.0.1:50051 for http://127.0.0.1:1' ]] || fail "status: $(property StatusText)"
  ok 'starts, and systemd knows when and what it serves'
  calls_gateway --plaintext
  ok 'docspace-keys calls it'
}

check_rights() {
  local process
  process=/proc/$(property MainPID)
  grep -qE '^Uid:\s(6[1-5][0-9]{3})\s\1\s\1\s\1$' "$process/status" || fail "its user: $(grep Uid "$process/status")"
  grep -qE '^CapBnd:\s0+$' "$process/status" || fail 'it can get capabilities'
  grep -qE '^NoNewPrivs:\s1$' "$process/status" || fail 'it can get privileges'
  grep -qE '^Seccomp:\s2$' "$process/status" || fail 'it may make every system call'
  nsenter --target "$(property MainPID)" --mount sh -c '! touch /etc/x /usr/x /var/x 2>/dev/null' ||
    fail 'it can write to the file system'
  ok 'runs by a user of its own, without capabilities, on a read-only file system'
}

take_keys() {
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
    -keyout "/etc/$unit/keys/tls.key" -out "/etc/$unit/keys/tls.crt" 2>/dev/null
  chmod 600 "/etc/$unit/keys/tls.key"
  sed -i -E 's/^#(caller-tls-(certificate|private-key)-file:)/\1/' "$config"
  systemctl restart "$unit" || fail 'the service does not start with a key'
  calls_gateway --ca-file "/etc/$unit/keys/tls.crt"
  ok 'takes its private key from a folder that only root can read'
}

reload() {
  systemctl reload "$unit" || fail 'the service cannot be reloaded'
  [[ $(state) == active ]] || fail 'the reload ends the service'
  becomes 1 sh -c "journalctl --unit $unit | grep -c '\"event\":\"reload\"'" || fail 'the reload is not in the journal'
  ok 'is reloaded'
}

watch() {
  local before
  mkdir -p "/run/systemd/system/$unit.service.d"
  printf '[Service]\nWatchdogSec=2\nRestartSec=0\n' >"/run/systemd/system/$unit.service.d/soon.conf"
  systemctl daemon-reload
  systemctl restart "$unit"
  before=$(property MainPID)
  # A longer time than the watchdog's, in which a service that works is left alone.
  sleep 5
  [[ $(property MainPID) == "$before" && $(property NRestarts) == 0 ]] || fail 'the watchdog ends a service that works'
  kill -STOP "$before"
  becomes 1 property NRestarts || fail 'the watchdog does not end a service that hangs'
  becomes active state || fail 'the service does not start again'
  [[ $(property MainPID) != "$before" ]] || fail 'the same process runs'
  journalctl --unit "$unit" | grep -q 'Watchdog timeout' || fail 'another reason than the watchdog ended it'
  ok 'is started again by the watchdog if it hangs, and only then'
  rm "/run/systemd/system/$unit.service.d/soon.conf"
  systemctl daemon-reload
  systemctl restart "$unit"
}

upgrade() {
  local before kept
  before=$(property MainPID)
  kept=$(sha256sum "$config")
  dpkg --force-confdef --force-confold --install /mnt/newer.deb
  [[ $(dpkg-query -W -f '${Version}' "$unit") == *+newer ]] || fail 'the newer version is not installed'
  [[ $(sha256sum "$config") == "$kept" ]] || fail 'the upgrade changes the configuration'
  grep -qF '# Another line.' "$config.dpkg-dist" || fail 'the new configuration is not beside the kept one'
  [[ $(state) == active && $(property MainPID) != "$before" ]] || fail 'the upgrade does not restart the service'
  calls_gateway --ca-file "/etc/$unit/keys/tls.crt"
  ok 'is upgraded: keeps the configuration, and restarts'
}

remove() {
  dpkg --remove "$unit"
  [[ $(state) == inactive && ! -e /usr/bin/$unit && ! -e /lib/systemd/system/$unit.service ]] || fail 'it is not removed'
  [[ -e $config ]] || fail 'a removal deletes the configuration'
  ok 'is stopped and removed, without its configuration'
  dpkg --purge "$unit"
  [[ ! -e $config && -z $(find /etc/systemd /var/lib/systemd/deb-systemd-helper* -name "$unit*") ]] ||
    fail 'a purge leaves files'
  [[ -e /etc/$unit/keys/tls.key ]] || fail "a purge deletes the operator's keys"
  ok "is purged, without the operator's keys"
}

for step in install_package start_unconfigured start check_rights take_keys reload watch upgrade remove; do "$step"; done

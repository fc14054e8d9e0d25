"""Envoy, nginx and HAProxy in front of a portal, configured as in their manuals, on ports that the kernel chooses."""

import json
import pathlib
import signal
import socket
import subprocess
import time
import urllib.request

START_SECONDS = 60
# How long a proxy waits for the portal.
TIMEOUT_SECONDS = 1


class Proxy:
    """A running proxy. `port` is where it listens."""

    def __init__(self, process, port):
        self.port = port
        self._process = process

    def stop(self):
        # SIGKILL would leave nginx's worker running.
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _start(directory, command, **options):
    with open(directory / "log", "wb") as log:
        return subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log, **options
        )


def _listening():
    """Returns a listening socket and its port. The proxy inherits it, so no other program can take the port."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)
    return listener, listener.getsockname()[1]


def nginx(directory, portal, tls, _binaries):
    verified = ""
    if tls:
        verified = f"proxy_ssl_trusted_certificate {tls.path('ca.pem')}; proxy_ssl_verify on; proxy_ssl_name localhost;"
    upstream = f"upstream portal {{ server 127.0.0.1:{portal.port}; keepalive 4; }}"
    location = f"""
      {verified}
      proxy_pass {"https" if tls else "http"}://portal;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_connect_timeout {TIMEOUT_SECONDS}s;
      proxy_read_timeout {TIMEOUT_SECONDS}s;"""
    return _nginx(directory, tls, upstream, location)


def nginx_answering(directory, body, tls):
    """nginx in the portal's place, with the same JSON for each request."""
    return _nginx(directory, tls, "", f"default_type application/json; return 200 '{body}';")


def _nginx(directory, tls, upstream, location):
    listener, port = _listening()
    certificate = ""
    if tls:
        certificate = f"ssl_certificate {tls.path('gateway.pem')}; ssl_certificate_key {tls.path('gateway.key')};"
    paths = "\n".join(
        f"  {name}_temp_path {directory}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (directory / "nginx.conf").write_text(f"""
daemon off;
worker_processes 1;
pid {directory}/pid;
error_log {directory}/error.log warn;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
  ssl_session_cache shared:sessions:1m;
{paths}
  {upstream}
  server {{
    listen 127.0.0.1:{port}{" ssl" if tls else ""};
    {certificate}
    location / {{ {location}
    }}
  }}
}}
""")
    # With `master_process off` nginx crashes on an inherited socket.
    process = _start(
        directory,
        ["/usr/sbin/nginx", "-e", directory / "error.log", "-c", directory / "nginx.conf"],
        env={"NGINX": f"{listener.fileno()};"},
        pass_fds=[listener.fileno()],
    )
    listener.close()
    return Proxy(process, port)


def haproxy(directory, portal, tls, _binaries):
    listener, port = _listening()
    bind_tls = server_tls = ""
    if tls:
        both = directory / "both.pem"
        both.touch(0o600)
        both.write_text("".join(pathlib.Path(tls.path(name)).read_text() for name in ("gateway.pem", "gateway.key")))
        bind_tls = f" ssl crt {both}"
        server_tls = f" ssl verify required ca-file {tls.path('ca.pem')} verifyhost localhost"
    # HAProxy waits a second before each retry of a connection; the default is three retries.
    (directory / "haproxy.cfg").write_text(f"""
defaults
  mode http
  retries 1
  timeout connect {TIMEOUT_SECONDS}s
  timeout client 60s
  timeout server {TIMEOUT_SECONDS}s
frontend gateway
  bind fd@{listener.fileno()}{bind_tls}
  default_backend portal
backend portal
  server portal 127.0.0.1:{portal.port}{server_tls}
""")
    process = _start(
        directory,
        ["/usr/sbin/haproxy", "-db", "-f", directory / "haproxy.cfg"],
        pass_fds=[listener.fileno()],
    )
    listener.close()
    return Proxy(process, port)


def envoy(directory, portal, tls, binaries, retry_policy=None):
    configuration = directory / "envoy.json"
    configuration.write_text(json.dumps(_envoy_configuration(portal, tls, retry_policy)))
    process = _start(
        directory,
        [binaries.envoy, "--config-path", configuration, "--concurrency", 1, "--log-level", "error"]
        + ["--disable-hot-restart", "--admin-address-path", directory / "admin"],
    )
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        time.sleep(0.05)
        try:
            admin = (directory / "admin").read_text().strip()
            with urllib.request.urlopen(f"http://{admin}/listeners?format=json", timeout=5) as answer:
                listeners = json.load(answer)["listener_statuses"]
            return Proxy(process, listeners[0]["local_address"]["socket_address"]["port_value"])
        except (OSError, ValueError, KeyError):
            continue
    process.kill()
    process.wait()
    raise RuntimeError(f"Envoy does not start: {(directory / 'log').read_text()}")


def envoy_repeating(directory, portal, tls, binaries):
    return envoy(
        directory, portal, tls, binaries, {"retry_on": "reset,connect-failure,gateway-error", "num_retries": 1}
    )


def _loopback(port):
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


def _envoy_configuration(portal, tls, retry_policy):
    types = "type.googleapis.com/envoy.extensions"
    route = {"cluster": "portal", "timeout": f"{TIMEOUT_SECONDS}s"}
    if retry_policy:
        route["retry_policy"] = retry_policy
    manager = {
        "@type": f"{types}.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "gateway",
        "http_filters": [{"name": "router", "typed_config": {"@type": f"{types}.filters.http.router.v3.Router"}}],
        "route_config": {
            "virtual_hosts": [
                {"name": "portal", "domains": ["*"], "routes": [{"match": {"prefix": "/"}, "route": route}]}
            ]
        },
    }
    chain = {"filters": [{"name": "http", "typed_config": manager}]}
    cluster = {
        "name": "portal",
        "type": "STATIC",
        "connect_timeout": f"{TIMEOUT_SECONDS}s",
        "load_assignment": {
            "cluster_name": "portal",
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": _loopback(portal.port)}}]}],
        },
    }
    if tls:
        certificate = {
            "certificate_chain": {"filename": tls.path("gateway.pem")},
            "private_key": {"filename": tls.path("gateway.key")},
        }
        chain["transport_socket"] = {
            "name": "tls",
            "typed_config": {
                "@type": f"{types}.transport_sockets.tls.v3.DownstreamTlsContext",
                "common_tls_context": {"tls_certificates": [certificate]},
            },
        }
        cluster["transport_socket"] = {
            "name": "tls",
            "typed_config": {
                "@type": f"{types}.transport_sockets.tls.v3.UpstreamTlsContext",
                "sni": "localhost",
                "common_tls_context": {"validation_context": {"trusted_ca": {"filename": tls.path("ca.pem")}}},
            },
        }
    return {
        "admin": {"address": _loopback(0)},
        "static_resources": {
            "listeners": [{"name": "gateway", "address": _loopback(0), "filter_chains": [chain]}],
            "clusters": [cluster],
        },
    }


def versions(binaries):
    """Returns the version of each proxy by its name."""

    def says(*command):
        ran = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=True)
        return ran.stdout + ran.stderr

    return {
        "Envoy": says(binaries.envoy, "--version").split("version:")[1].split("/")[1],
        "HAProxy": says("/usr/sbin/haproxy", "-v").split()[2].split("-")[0],
        "nginx": says("/usr/sbin/nginx", "-v").split("/")[1].strip(),
    }

"""The portal of the benchmark: nginx with constant responses, over HTTP and HTTPS."""

import contextlib
import dataclasses
import os
import pathlib
import subprocess

import processes

# payload -> the RPC that returns it, the portal's HTTP status, the RPC's grpc-status.
PAYLOADS = {
    "one_key": ("GetApiKey", 200, 0),
    "list_of_one": ("GetApiKeys", 200, 0),
    "ten_keys": ("GetApiKeys", 200, 0),
    "fifty_keys": ("GetApiKeys", 200, 0),
    "hundred_keys": ("GetApiKeys", 200, 0),
    "thousand_keys": ("GetApiKeys", 200, 0),
    "ten_thousand_keys": ("GetApiKeys", 200, 0),
    "denied": ("GetApiKey", 403, 7),
}

# vanguard-go escapes twice.
PATHS = ("/api/2.0/keys", "/api/2.0/keys/@self", "/api/2.0/keys/%40self")

CONFIGURATION = """
daemon off;
master_process off;
worker_processes 1;
{user}
pid {folder}/nginx.pid;
error_log {folder}/nginx.error.log error;
events {{ worker_connections 8192; }}
http {{
  access_log off;
  default_type application/json;
  sendfile on;
  tcp_nodelay on;
  open_file_cache max=16 inactive=1h;
  keepalive_requests 1000000000;
  keepalive_timeout 1h;
  ssl_certificate {folder}/upstream.pem;
  ssl_certificate_key {folder}/upstream.key;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  {servers}
}}
"""


@dataclasses.dataclass(frozen=True)
class Portal:
    """One payload over one scheme."""

    payload: str
    scheme: str
    port: int
    json_file: pathlib.Path
    ca_file: pathlib.Path

    @property
    def url(self):
        return f"{self.scheme}://127.0.0.1:{self.port}"

    @property
    def method(self):
        return PAYLOADS[self.payload][0]

    @property
    def http_status(self):
        return PAYLOADS[self.payload][1]

    @property
    def grpc_status(self):
        return PAYLOADS[self.payload][2]


def make_certificate(folder):
    """Makes a self-signed certificate for 127.0.0.1."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", folder / "upstream.key", "-out", folder / "upstream.pem"],
        check=True, capture_output=True,
    )  # fmt: skip


def answer_of(portal):
    if portal.http_status == 200:
        return f"alias {portal.json_file};"
    return f"return {portal.http_status} '{portal.json_file.read_text()}';"


def server_of(portal):
    tls = " ssl" if portal.scheme == "https" else ""
    locations = "".join(f"location = {path} {{ {answer_of(portal)} }}\n" for path in PATHS)
    return f"server {{ listen 127.0.0.1:{portal.port}{tls} backlog=4096;\n{locations} }}\n"


@contextlib.contextmanager
def serving(core, folder, payload_folder):
    """Yields nginx's process id and the portals by (payload, scheme)."""
    make_certificate(folder)
    kinds = [(payload, scheme) for payload in PAYLOADS for scheme in ("http", "https")]
    portals = {
        (payload, scheme): Portal(payload, scheme, port, payload_folder / f"{payload}.json", folder / "upstream.pem")
        for (payload, scheme), port in zip(kinds, processes.free_ports(len(kinds)))
    }
    configuration = folder / "nginx.conf"
    configuration.write_text(
        CONFIGURATION.format(
            folder=folder,
            user="user root;" if os.geteuid() == 0 else "",
            servers="".join(map(server_of, portals.values())),
        )
    )
    command = ["/usr/sbin/nginx", "-p", folder, "-c", configuration]
    with processes.running(core, command, portals["one_key", "http"].port, folder / "nginx.log") as pid:
        yield pid, portals

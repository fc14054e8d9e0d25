"""The subjects of the benchmark, and how each is started, with the best settings for it."""

import dataclasses
import json
from typing import Callable, Optional

# What deploy/Dockerfile and the unit of deploy/debian set for the gateway. The floor of gRPC gains from it too, so it has
# the same.
ALLOCATOR = {
    "GLIBC_TUNABLES": "glibc.malloc.tcache_count=64:glibc.malloc.mmap_threshold=4194304:glibc.malloc.trim_threshold=2097152"
}
MAX_IN_FLIGHT = 2000
MAX_MESSAGE_BYTES = 64 * 1024 * 1024
FILTERS = "type.googleapis.com/envoy.extensions.filters"


@dataclasses.dataclass(frozen=True)
class Subject:
    name: str
    title: str
    # Returns the server's command for (portal, port, folder); None if the load generator itself is measured.
    command: Optional[Callable] = None
    environment: dict = dataclasses.field(default_factory=dict)
    # The scheme matters only for subjects with a portal behind them.
    asks_portal: bool = True
    # Whether the generator runs on the subjects' core instead of the portal's.
    on_subject_core: bool = False

    @property
    def is_server(self):
        return self.command is not None


def gateway(threads=1, *flags):
    def command(portal, port, folder):
        return [
            folder / "bin/docspace-apikeys-gateway", "--listen", f"127.0.0.1:{port}", "--docspace-url", portal.url,
            "--threads", threads, "--log-level", "error", "--portal-max-response-bytes", MAX_MESSAGE_BYTES, *flags,
            *(["--portal-ca-file", portal.ca_file] if portal.scheme == "https" else []),
        ]  # fmt: skip

    return command


def floor(portal, port, folder):
    return [
        folder / "bin/floor", "--listen", f"127.0.0.1:{port}", "--json", portal.json_file,
        "--status", portal.http_status,
    ]  # fmt: skip


def vanguard(portal, port, folder):
    command = [folder / "bin/vanguard", "--listen", f"127.0.0.1:{port}", "--upstream", portal.url]
    return command + (["--ca-file", portal.ca_file] if portal.scheme == "https" else [])


def envoy(portal, port, folder):
    configuration = folder / "envoy.json"
    configuration.write_text(json.dumps(envoy_configuration(portal, port, folder), indent=1))
    return [
        next((folder / "venv").glob("lib/python3*/site-packages/envoy/_bin/envoy")),
        "--config-path", configuration, "--concurrency", 1, "--log-level", "error", "--disable-hot-restart",
    ]  # fmt: skip


def envoy_configuration(portal, port, folder):
    """One listener, one route, one cluster, as Envoy's own advice on benchmarking has it: no access
    log, no request ids, no dynamic statistics of the router, no circuit breaker that opens."""
    transcoder = {
        "@type": f"{FILTERS}.http.grpc_json_reverse_transcoder.v3.GrpcJsonReverseTranscoder",
        "descriptor_path": str(folder / "api_keys.binpb"),
        "max_response_body_size": MAX_MESSAGE_BYTES,
        "request_json_print_options": {"use_canonical_field_names": True},
    }
    router = {
        "@type": f"{FILTERS}.http.router.v3.Router",
        "dynamic_stats": False,
        "suppress_envoy_headers": True,
    }
    manager = {
        "@type": f"{FILTERS}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "callers",
        "codec_type": "HTTP2",
        "generate_request_id": False,
        "http2_protocol_options": {"max_concurrent_streams": MAX_IN_FLIGHT},
        "http_filters": [
            {"name": "grpc_json_reverse_transcoder", "typed_config": transcoder},
            {"name": "router", "typed_config": router},
        ],
        "route_config": {
            "virtual_hosts": [
                {
                    "name": "portal",
                    "domains": ["*"],
                    "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "portal", "timeout": "30s"}}],
                }
            ]
        },
    }
    unlimited = 1_000_000
    cluster = {
        "name": "portal",
        "type": "STATIC",
        "connect_timeout": "3s",
        "per_connection_buffer_limit_bytes": MAX_MESSAGE_BYTES,
        "circuit_breakers": {
            "thresholds": [
                {
                    "max_connections": unlimited,
                    "max_pending_requests": unlimited,
                    "max_requests": unlimited,
                    "max_retries": unlimited,
                }
            ]
        },
        "load_assignment": {
            "cluster_name": "portal",
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": address(portal.port)}}]}],
        },
    }
    if portal.scheme == "https":
        cluster["transport_socket"] = {
            "name": "tls",
            "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
                "common_tls_context": {
                    "tls_params": {"tls_maximum_protocol_version": "TLSv1_3"},
                    "validation_context": {
                        "trusted_ca": {"filename": str(portal.ca_file)},
                        "match_typed_subject_alt_names": [
                            {"san_type": "IP_ADDRESS", "matcher": {"exact": "127.0.0.1"}}
                        ],
                    },
                },
            },
        }
    return {
        "static_resources": {
            "listeners": [
                {
                    "name": "callers",
                    "address": address(port),
                    "per_connection_buffer_limit_bytes": MAX_MESSAGE_BYTES,
                    "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}],
                }
            ],
            "clusters": [cluster],
        }
    }


def address(port):
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


DIRECT = Subject("direct", "REST directly")

# The gateway is the first.
SUBJECTS = [
    Subject("gateway", "this gateway", gateway(), environment=ALLOCATOR),
    Subject("envoy", "Envoy", envoy),
    # The Go runtime must know that it has one core.
    Subject("vanguard", "vanguard-go", vanguard, environment={"GOMAXPROCS": "1"}),
    Subject("floor-1", "floor-1: gRPC C++ alone", floor, environment=ALLOCATOR, asks_portal=False),
    Subject("floor-2", "floor-2: Beast alone", on_subject_core=True),
    DIRECT,
]

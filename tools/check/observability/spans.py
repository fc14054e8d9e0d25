"""Runs a collector of spans, a portal, the gateway and callers, and checks the spans that arrive, and the metrics.

The gateway is configured by OpenTelemetry's own variables.

check.py GATEWAY KEYS EMULATOR, three programs.
"""

import contextlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from concurrent import futures

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc
from opentelemetry.proto.trace.v1 import trace_pb2
from prometheus_client.openmetrics import parser

PATIENCE = 30  # Seconds.
SERVICE = "docspace.apikeys.v1.ApiKeys"
TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT_ID = "00f067aa0ba902b7"


class Collector(trace_service_pb2_grpc.TraceServiceServicer):
    """Refuses the first request with a status that permits a retry, then keeps each request."""

    def __init__(self):
        self._lock = threading.Lock()
        self._refused = False
        self.requests = []
        self.metadata = {}

    def Export(self, request, context):
        with self._lock:
            self.metadata = dict(context.invocation_metadata())
            if not self._refused:
                self._refused = True
                context.abort(grpc.StatusCode.UNAVAILABLE, "not yet")
            self.requests.append(request)
        return trace_service_pb2.ExportTraceServiceResponse()


def check(is_so, what):
    if not is_so:
        sys.exit(f"FAILED: {what}")


@contextlib.contextmanager
def running(command, ready_file, log, variables=None):
    """Starts the process, with further variables, and yields it once it has written its --ready-file."""
    with open(log, "wb") as output:
        process = subprocess.Popen(
            [*command, "--ready-file", ready_file],
            stdout=output,
            stderr=output,
            env={**os.environ, **(variables or {})},
        )
    try:
        end = time.monotonic() + PATIENCE
        while not ready_file.exists():
            check(process.poll() is None and time.monotonic() < end, f"{command[0]} starts:\n{log.read_text()}")
            time.sleep(0.02)
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        check(process.wait(PATIENCE) in (0, -15), f"{command[0]} ends well:\n{log.read_text()}")


def call_everything(keys, target, portal, user):
    """Makes the calls, and returns their secrets."""
    environment = {
        "PATH": os.environ["PATH"],
        "DOCSPACE_KEYS_TARGET": target,
        "DOCSPACE_BASIC": f"{user['EMAIL']}:{user['PASSWORD']}",
    }

    def run(*arguments, status=0):
        result = subprocess.run([keys, "--plaintext", *arguments], env=environment, capture_output=True, text=True)
        check(result.returncode == status, f"docspace-keys {arguments[0]}: {result.stderr}")
        return result.stdout

    created = json.loads(run("create", "--name", "Traced secretly", "--permission", "files:read", "--output", "json"))["response"]
    urllib.request.urlopen(urllib.request.Request(f"{portal}/emulator/fail", b'{"drop": "close"}'))
    run("list")
    run("update", created["id"], "--name", "Renamed secretly")
    run("delete", "--yes", created["id"])
    with grpc.insecure_channel(target) as channel:
        channel.unary_unary(f"/{SERVICE}/GetAllPermissions")(
            b"",
            timeout=PATIENCE,
            metadata=[
                ("apikeybearer", user["API_KEY"]),
                ("traceparent", f"00-{TRACE_ID}-{PARENT_ID}-01"),
                ("tracestate", "vendor=secretly"),
            ],
        )
    return [created["id"], created["key"], "secretly", user["EMAIL"], user["PASSWORD"], user["API_KEY"]]


def attributes_of(holder):
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in holder.attributes}


def check_spans(requests):
    spans = []
    for request in requests:
        for resource_spans in request.resource_spans:
            resource = attributes_of(resource_spans.resource)
            check(resource["service.name"] == "keys of the check", "the service is named")
            check(resource["deployment.environment"] == "pre prod", "an attribute of the environment")
            check({"service.version", "service.instance.id"} <= set(resource), "the instance is named")
            for scope_spans in resource_spans.scope_spans:
                spans.extend(scope_spans.spans)
    calls = [span for span in spans if span.kind == trace_pb2.Span.SPAN_KIND_SERVER]
    tries = [span for span in spans if span.kind == trace_pb2.Span.SPAN_KIND_CLIENT]
    methods = ["CreateApiKey", "GetApiKeys", "UpdateApiKey", "DeleteApiKey", "GetAllPermissions"]
    check([span.name for span in calls] == [f"{SERVICE}/{method}" for method in methods], "each call is one span")
    check(len({span.span_id for span in spans}) == len(spans), "no two spans have one id")
    check(len({span.trace_id for span in calls}) == len(calls), "no two calls are one trace")
    for call, method in zip(calls, methods):
        attributes = attributes_of(call)
        check(attributes["rpc.system"] == "grpc" and attributes["rpc.service"] == SERVICE, "a call's service")
        check(attributes["rpc.method"] == method, "a call's method")
        check(attributes["rpc.grpc.status_code"] == 0, "a call's status")
        own = [span for span in tries if span.parent_span_id == call.span_id]
        check(len(own) == (2 if method == "GetApiKeys" else 1), f"{method} has its tries")
        for number, span in enumerate(own):
            check(span.trace_id == call.trace_id, "a try is of its call's trace")
            check(call.start_time_unix_nano <= span.start_time_unix_nano, "a try begins within its call")
            check(span.end_time_unix_nano <= call.end_time_unix_nano, "a try ends within its call")
            of_try = attributes_of(span)
            check(of_try.get("http.request.resend_count", 0) == number, "a retry is counted")
            check(of_try["url.path"].startswith("/api/2.0/keys"), "a try's path")
            check(of_try["server.address"] == "127.0.0.1", "a try's server")
            lost = method == "GetApiKeys" and number == 0
            check(of_try.get("error.type") == ("connection_lost" if lost else None), "a try's error")
            check(lost or of_try["http.response.status_code"] == 200, "a try's status")
    check(all(not call.parent_span_id for call in calls[:-1]), "calls without a parent are roots")
    check(calls[-1].trace_id.hex() == TRACE_ID, "a call with a parent is of its trace")
    check(calls[-1].parent_span_id.hex() == PARENT_ID, "a call with a parent is beneath it")
    return calls


def check_metrics(address):
    """Reads the metrics with Prometheus's own parser of OpenMetrics."""
    accept = {"Accept": "application/openmetrics-text;version=1.0.0"}
    with urllib.request.urlopen(urllib.request.Request(f"http://{address}/metrics", headers=accept)) as response:
        check(response.headers["Content-Type"].startswith("application/openmetrics-text"), "the format is OpenMetrics")
        families = {family.name: family for family in parser.text_string_to_metric_families(response.read().decode())}
    check(families["grpc_server_handled"].type == "counter", "a counter is one")
    latency = families["grpc_server_handling_seconds"]
    check(latency.type == "histogram", "the latency is a histogram")
    exemplars = [sample.exemplar for sample in latency.samples if sample.exemplar]
    check(TRACE_ID in {exemplar.labels["trace_id"] for exemplar in exemplars}, "the call's trace is an exemplar")
    return len(families)


def main(gateway, keys, emulator):
    collector = Collector()
    server = grpc.server(futures.ThreadPoolExecutor(2))
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(collector, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = pathlib.Path(name)
        log = folder / "gateway.log"
        credentials = folder / "credentials"
        stack.enter_context(
            running(
                [emulator, "--quiet", "--address", "127.0.0.1", "--credentials-file", credentials],
                folder / "emulator.ready",
                folder / "emulator.log",
            )
        )
        portal = (folder / "emulator.ready").read_text().strip()
        user = dict(re.findall(r"^(?:export )?EMULATOR_OWNER_(\w+)='?(.*?)'?$", credentials.read_text(), re.MULTILINE))
        with running(
            [
                gateway,
                f"--docspace-url={portal}",
                "--listen=127.0.0.1:0",
                "--drain-delay=0s",
                "--admin-listen=127.0.0.1:0",
                f"--admin-ready-file={folder}/admin.ready",
            ],
            folder / "gateway.ready",
            log,
            {
                "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}/",
                "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20planted",
                "OTEL_RESOURCE_ATTRIBUTES": "service.name=other,deployment.environment=pre%20prod",
                "OTEL_SERVICE_NAME": "keys of the check",
                "OTEL_TRACES_SAMPLER": "parentbased_always_on",
            },
        ):
            secrets = call_everything(keys, (folder / "gateway.ready").read_text().strip(), portal, user)
            end = time.monotonic() + PATIENCE
            while not collector.requests:
                check(time.monotonic() < end, "the spans come")
                time.sleep(0.05)
            metrics = check_metrics((folder / "admin.ready").read_text().strip())
        calls = check_spans(collector.requests)
        check(collector.metadata.get("authorization") == "Bearer planted", "the collector gets the header")
        check("planted" not in log.read_text(), "no log has the header")
        exported = b"".join(request.SerializeToString() for request in collector.requests)
        check(not any(secret.encode() in exported for secret in secrets), "nothing secret is exported")
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        logged = {(line["trace_id"], line["span_id"]) for line in lines if line["event"] == "rpc"}
        check(logged == {(call.trace_id.hex(), call.span_id.hex()) for call in calls}, "the log has the spans' ids")
    server.stop(None)
    print(f"{len(calls)} calls were traced, and {metrics} metrics read, as they should be.")


main(*sys.argv[1:])

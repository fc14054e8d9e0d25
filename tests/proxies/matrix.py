"""Compares the status of calls through real proxies with what the portal did: row R25 of docs/resilience.md.

    matrix.py --bin DIRECTORY --envoy PROGRAM --proto FILE [--page FILE]

Each of the six RPCs is called for each stage at which a portal can die or stall, on fresh and on kept
connections, over HTTP and HTTPS. A status is false if a write is UNAVAILABLE, or refused, although the portal
received the whole request, or if it is OK although the portal did not receive it. The exit status is 0 if no
status is false and each healthy portal was reached.
"""

import argparse
import contextlib
import dataclasses
import pathlib
import sys
import tempfile
import time
from concurrent import futures

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.rpc import error_details_pb2, status_pb2

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "contract"))

import portal as portals
import proxies
from suite import Certificates, start

SERVICE = "docspace.apikeys.v1.ApiKeys"
KEY_ID = portals.KEY["id"]
WRITES = ("CreateApiKey", "DeleteApiKey", "UpdateApiKey")
READS = ("GetAllPermissions", "GetApiKey", "GetApiKeys")
REQUESTS = {"CreateApiKey": {"name": "A key"}, "DeleteApiKey": {"key_id": KEY_ID}, "UpdateApiKey": {"key_id": KEY_ID}}
# The codes that do not claim that a write was not carried out.
OPEN_CODES = ("OK", "UNKNOWN", "DEADLINE_EXCEEDED")
CALL_SECONDS = 60
# A cell with a healthy portal has several attempts, because on a busy machine the portal can seem to stall.
HEALTHY_ATTEMPTS = 5
STARTERS = {
    "Envoy": proxies.envoy,
    "Envoy, which repeats": proxies.envoy_repeating,
    "HAProxy": proxies.haproxy,
    "nginx": proxies.nginx,
}


@dataclasses.dataclass(frozen=True)
class Cell:
    """One call and its result."""

    proxy: str
    scheme: str
    stage: str
    kept: bool
    rpc: str
    code: str
    http_status: str
    whole_requests: int

    @property
    def problem(self):
        """Returns why the status is false or the cell proves nothing; empty otherwise."""
        if self.stage == "in order" and (self.code, self.whole_requests) != ("OK", 1):
            return "a portal in order was not reached once"
        if self.code == "OK" and not self.whole_requests:
            return "OK, and the portal did nothing"
        if self.rpc in WRITES and self.whole_requests and self.code not in OPEN_CODES:
            return f"{self.code}, and the portal got the request"
        if self.stage not in ("in order", "hangs", "stalls") and self.code == "OK" and self.rpc in WRITES:
            return "OK, and no answer came"
        return ""

    def __str__(self):
        kept = "kept" if self.kept else "fresh"
        return (
            f"{self.proxy}, {self.scheme}, {kept} connection, a portal that {portals.STAGES[self.stage]}: "
            f"{self.rpc} is {self.code}, HTTP status {self.http_status}, whole requests {self.whole_requests}"
        )


class Caller:
    """Calls the gateway, with messages from the proto's descriptors."""

    def __init__(self, target, proto):
        pool = descriptor_pool.DescriptorPool()
        for file in descriptor_pb2.FileDescriptorSet.FromString(proto.read_bytes()).file:
            pool.Add(file)
        self._methods = pool.FindServiceByName(SERVICE).methods_by_name
        self._channel = grpc.insecure_channel(target, [("grpc.enable_retries", 0)])

    def call(self, rpc, portal, credential):
        """Returns the code, and the HTTP status of the response if the gateway states it."""
        method = self._methods[rpc]
        request = message_factory.GetMessageClass(method.input_type)(**REQUESTS.get(rpc, {}))
        invoke = self._channel.unary_unary(
            f"/{SERVICE}/{rpc}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=message_factory.GetMessageClass(method.output_type).FromString,
        )
        metadata = [("apikeybearer", credential), ("x-docspace-portal", portal)]
        try:
            invoke(request, timeout=CALL_SECONDS, metadata=metadata)
        except grpc.RpcError as error:
            return error.code().name, http_status_of(error)
        return "OK", "200"


def http_status_of(error):
    for name, value in error.trailing_metadata() or ():
        if name == "grpc-status-details-bin":
            for detail in status_pb2.Status.FromString(value).details:
                info = error_details_pb2.ErrorInfo()
                if detail.Unpack(info):
                    return info.metadata.get("http_status", "none")
    return "none"


class Place:
    """A proxy in front of a portal, both over one scheme."""

    def __init__(self, stack, name, scheme, directory, certificates, arguments):
        self.proxy, self.scheme = name, scheme
        # The name in the gateway's --portals.
        self.name = f"{name.lower().split(',')[0]}{len(name)}-{scheme}"
        self._credentials = 0
        directory.mkdir()
        tls = certificates if scheme == "https" else None
        context = portals.server_context(tls.path("gateway.pem"), tls.path("gateway.key")) if tls else None
        self.portal = portals.Portal(context)
        stack.callback(self.portal.stop)
        self.running = STARTERS[name](directory, self.portal, tls, arguments)
        # Stopped before the portal, because it must close its connections to it.
        stack.callback(self.running.stop)

    @property
    def url(self):
        return f"{self.scheme}://localhost:{self.running.port}"

    def cells(self, caller):
        return [
            self._cell(caller, stage, kept, rpc)
            for stage in portals.STAGES
            for kept in (False, True)
            for rpc in (*WRITES, *READS)
        ]

    def _cell(self, caller, stage, kept, rpc):
        for _ in range(HEALTHY_ATTEMPTS if stage == "in order" else 1):
            # Each credential has its own connections to the proxy; see --portal-share-connections.
            self._credentials += 1
            credential = f"sk-{self._credentials:064x}"
            if kept:
                self._warm_up(caller, credential)
            self.portal.begin(stage)
            code, http_status = caller.call(rpc, self.name, credential)
            cell = Cell(self.proxy, self.scheme, stage, kept, rpc, code, http_status, self.portal.settle())
            if not cell.problem:
                break
        return cell

    def _warm_up(self, caller, credential):
        """Leaves a kept connection of the gateway to the proxy, and one of the proxy to the portal."""
        for _ in range(HEALTHY_ATTEMPTS):
            self.portal.begin("in order")
            if caller.call("GetAllPermissions", self.name, credential)[0] == "OK":
                self.portal.forget()
                return
            self.portal.settle()
        raise RuntimeError(f"{self.proxy} does not reach a portal in order")


def run(arguments):
    """Returns all cells."""
    with contextlib.ExitStack() as stack:
        directory = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        # nginx's worker runs as another user.
        directory.chmod(0o755)
        certificates = Certificates(directory)
        places = [
            Place(stack, name, scheme, directory / f"{number}", certificates, arguments)
            for number, (name, scheme) in enumerate((n, s) for n in STARTERS for s in ("http", "https"))
        ]
        target = start(
            stack,
            [
                arguments.bin / "docspace-apikeys-gateway",
                *("--listen", "127.0.0.1:0", "--portal-ca-file", certificates.path("ca.pem")),
                *("--portals", ",".join(f"{place.name}={place.url}" for place in places)),
                *("--portal-share-connections", "off"),
            ],
            directory / "gateway.ready",
            directory / "gateway.log",
        )
        caller = Caller(target, arguments.proto)
        with futures.ThreadPoolExecutor(len(places)) as pool:
            results = [pool.submit(place.cells, caller) for place in places]
            return [cell for result in results for cell in result.result()]


def verdict(cells, rpcs):
    """Returns what callers get for these RPCs: each code with the HTTP statuses that it comes from."""
    statuses = {}
    for cell in cells:
        if cell.rpc in rpcs:
            statuses.setdefault(cell.code, set()).add(cell.http_status)
    return "; ".join(
        f"{code} ({', '.join(sorted(found))})" if code != "OK" else "OK" for code, found in sorted(statuses.items())
    )


def page(cells, arguments):
    """Returns the table as a page of the documentation."""
    versions = proxies.versions(arguments)
    lines = [
        "# Behind proxies",
        "",
        "`tests/proxies/run.sh --page` writes this page; `tests/proxies/run.sh` compares each cell with what the portal did.",
        "A cell states the status that callers get for a write, then for a read, with the HTTP status that the proxy sent (`none`: no response).",
        f"It stands for {len(cells) // len(STARTERS) // len(portals.STAGES)} calls: six RPCs, on fresh and kept connections, over HTTP and HTTPS.",
        "A write is `UNAVAILABLE` only if the portal did not get the whole request.",
        "",
        "The proxies: " + ", ".join(f"{name} {version}" for name, version in versions.items()) + ";",
        "with one server, and without a policy for retries, except the second Envoy, which has",
        "`retry_on: reset,connect-failure,gateway-error`. nginx repeats `PUT` and `DELETE`, not `POST`, on a kept connection that ends.",
        "",
        "| The portal … | " + " | ".join(STARTERS) + " |",
        "|---|" + "---|" * len(STARTERS),
    ]
    for stage, says in portals.STAGES.items():
        row = []
        for proxy in STARTERS:
            found = [cell for cell in cells if (cell.stage, cell.proxy) == (stage, proxy)]
            row.append(f"{verdict(found, WRITES)} / {verdict(found, READS)}")
        lines.append(f"| {says} | " + " | ".join(row) + " |")
    return "\n".join(lines) + "\n"


def main():
    def absolute(path):
        return pathlib.Path(path).resolve()

    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=absolute, required=True)
    parser.add_argument("--envoy", type=absolute, required=True)
    parser.add_argument("--proto", type=absolute, required=True)
    parser.add_argument("--page", type=absolute, help="write the page of the documentation")
    arguments = parser.parse_args()
    began = time.monotonic()
    cells = run(arguments)
    problems = [cell for cell in cells if cell.problem]
    for cell in problems:
        print(f"FAILED {cell}: {cell.problem}")
    if arguments.page:
        arguments.page.write_text(page(cells, arguments))
    proven = sum(cell.code == "UNAVAILABLE" and cell.rpc in WRITES for cell in cells)
    print(
        f"{len(cells)} calls in {time.monotonic() - began:.0f} s, {proven} writes proven not to have been carried out, "
        f"{len(problems)} problems"
    )
    return 1 if problems or not cells else 0


if __name__ == "__main__":
    sys.exit(main())

"""Measures the cost of a connection for each credential (--portal-share-connections off), with few and many.

    credentials.py --folder DIRECTORY [--calls N] [--rounds N]

Prints the gateway's CPU time for each call, with one event loop and nginx as the portal, for docs/performance.md.
bench/credentials.sh runs it.
"""

import argparse
import asyncio
import contextlib
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import grpc

TESTS = pathlib.Path(__file__).resolve().parent.parent / "tests"
sys.path[:0] = [str(TESTS / "contract"), str(TESTS / "proxies")]

import portal
import proxies
import subjects
from suite import Certificates, stop

METHOD = "/docspace.apikeys.v1.ApiKeys/GetApiKey"
IN_FLIGHT = 32
# Both fewer and more than --portal-max-connections, which is 256.
CREDENTIALS = (1, 100, 200, 1000)


def cpu_seconds(process):
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def load(target, credentials, calls):
    """Makes the given number of calls, with the credentials in turn."""
    async with grpc.aio.insecure_channel(target) as channel:
        invoke = channel.unary_unary(METHOD, request_serializer=bytes, response_deserializer=bytes)
        numbers = iter(range(calls))

        async def call_on():
            for number in numbers:
                await invoke(b"", timeout=60, metadata=[("apikeybearer", f"sk-{number % credentials:064x}")])

        await asyncio.gather(*(call_on() for _ in range(IN_FLIGHT)))


def wait_for(file, process):
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        if file.exists() and (text := file.read_text().strip()):
            return text
        time.sleep(0.02)
    raise RuntimeError("the gateway does not start")


def measure(directory, arguments, certificates, url, share, credentials):
    """Returns the CPU time of a call in microseconds."""
    ready = directory / "ready"
    ready.unlink(missing_ok=True)
    command = [
        arguments.folder / "bin/docspace-apikeys-gateway",
        *("--docspace-url", url, "--listen", "127.0.0.1:0", "--threads", "1", "--log-level", "error"),
        *("--portal-ca-file", certificates.path("ca.pem"), "--portal-share-connections", share),
        *("--ready-file", ready),
    ]
    with contextlib.ExitStack() as stack:
        gateway = subprocess.Popen(command, stdin=subprocess.DEVNULL, env=os.environ | subjects.ALLOCATOR)
        stack.callback(stop, gateway)
        target = wait_for(ready, gateway)
        asyncio.run(load(target, credentials, arguments.calls // 3))
        before = cpu_seconds(gateway)
        asyncio.run(load(target, credentials, arguments.calls))
        return (cpu_seconds(gateway) - before) / arguments.calls * 1e6


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    body = json.dumps({"response": portal.KEY, "count": 1, "status": 0, "statusCode": 200})
    print("| credentials in turn | `on`, HTTP | `off`, HTTP | `on`, HTTPS | `off`, HTTPS |\n|---|---|---|---|---|")
    with contextlib.ExitStack() as stack:
        directory = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        # nginx's worker runs as another user.
        directory.chmod(0o755)
        certificates = Certificates(directory)
        urls = []
        for scheme in ("http", "https"):
            place = directory / scheme
            place.mkdir()
            running = proxies.nginx_answering(place, body, certificates if scheme == "https" else None)
            stack.callback(running.stop)
            urls.append(f"{scheme}://localhost:{running.port}")
        for credentials in CREDENTIALS:
            cells = (
                statistics.median(
                    measure(directory, arguments, certificates, url, share, credentials)
                    for _ in range(arguments.rounds)
                )
                for url in urls
                for share in ("on", "off")
            )
            print(f"| {credentials:,} | " + " | ".join(f"{cell:.0f} µs" for cell in cells) + " |", flush=True)


if __name__ == "__main__":
    main()

"""The contract suite; tests/contract/README.md lists what it requires of the clients.

    suite.py --bin DIRECTORY RUNNER...

Runs the cases of cases.json with each RUNNER, over plaintext, TLS and mTLS, against a gateway and an
emulated portal per runner, and prints the results. RUNNER is `NAME=COMMAND`. Everything runs in a separate
network namespace: see name_server.py.
"""

import argparse
import contextlib
import json
import os
import pathlib
import re
import selectors
import shlex
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from concurrent import futures

import name_server

HERE = pathlib.Path(__file__).parent
TRANSPORTS = ("plaintext", "tls", "mtls")
MEMBERS = {
    *("name", "rpc", "request", "credential", "metadata", "timeout_ms", "fault", "conditions", "expect"),
    *("transports", "trust", "identity", "host", "allow_remote_plaintext", "portal", "gateway"),
}
# The possible outcomes of a case.
OUTCOMES = {"response", "error", "refused"}
DOMAIN = "apikeys.docspace.onlyoffice.com"
DEFAULT_TIMEOUT_MS = 10_000
# Makes gRPC look for a service config in DNS if it can; the settings of the clients must take precedence.
ENVIRONMENT = {
    "GRPC_DNS_RESOLVER": "ares",
    "JAVA_TOOL_OPTIONS": "-Dio.grpc.internal.DnsNameResolverProvider.enable_service_config=true",
}
# The number of concurrent runners. Each has its own portals and mostly waits.
AT_A_TIME = 3
ANSWER_SECONDS = 60
START_SECONDS = 30
NEW_KEY = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"


def load_cases():
    """Returns the cases. Refuses unknown members, because a misspelt member would check nothing."""
    cases = json.loads((HERE / "cases.json").read_text())
    for case in cases:
        unknown = case.keys() - MEMBERS | case["expect"].keys() - OUTCOMES - {"requests"}
        outcomes = case["expect"].keys() & OUTCOMES
        if unknown or len(outcomes) != 1:
            raise ValueError(f"{case['name']}: {unknown or 'does not expect exactly one outcome'}")
    return cases


def expand(value, variables):
    """Returns `value` with each ${NAME} in its strings replaced."""
    if isinstance(value, str):
        return re.sub(r"\$\{(\w+)\}", lambda match: variables[match[1]], value)
    if isinstance(value, list):
        return [expand(item, variables) for item in value]
    if isinstance(value, dict):
        return {name: expand(item, variables) for name, item in value.items()}
    return value


def differences(expected, actual, path=""):
    """Returns the differences of `actual` from `expected`: see tests/contract/README.md#what-is-expected."""
    if isinstance(expected, dict):
        if not isinstance(actual, dict):
            yield f"{path}: {actual!r} is no object"
            return
        for name, item in expected.items():
            yield from differences(item, actual.get(name), f"{path}.{name}")
    elif isinstance(expected, list):
        if not isinstance(actual, list) or len(expected) != len(actual):
            yield f"{path}: {actual!r} is no list of {len(expected)}"
            return
        for index, (one, other) in enumerate(zip(expected, actual)):
            yield from differences(one, other, f"{path}[{index}]")
    elif isinstance(expected, str) and expected.startswith("~"):
        if not isinstance(actual, str) or not re.search(expected[1:], actual):
            yield f"{path}: {actual!r} does not match {expected[1:]}"
    elif expected != actual or isinstance(expected, bool) != isinstance(actual, bool):
        yield f"{path}: {actual!r} instead of {expected!r}"


class Certificates:
    """Two authorities, and the certificates that one of them signed for the gateway and for a caller."""

    def __init__(self, directory):
        self.directory = directory
        self._authority("ca")
        self._authority("other")
        self._signed("gateway", "subjectAltName=DNS:localhost,DNS:gateway.test,IP:127.0.0.1")
        self._signed("caller", "subjectAltName=DNS:caller.example")

    def path(self, name):
        return str(self.directory / name)

    def _authority(self, name):
        self._openssl(
            f"req -x509 {NEW_KEY} -keyout {name}.key -out {name}.pem -days 2 -subj /CN={name}"
            " -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign"
        )

    def _signed(self, name, subject):
        (self.directory / "extensions").write_text(f"{subject}\nextendedKeyUsage=serverAuth,clientAuth\n")
        self._openssl(f"req {NEW_KEY} -keyout {name}.key -out {name}.csr -subj /CN={name}")
        self._openssl(
            f"x509 -req -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2"
            f" -extfile extensions -out {name}.pem"
        )

    def _openssl(self, arguments):
        subprocess.run(["openssl", *arguments.split()], cwd=self.directory, check=True, capture_output=True)


def start(stack, command, ready_file, log):
    """Starts a server that `stack` stops, and returns the content of its ready file."""
    with open(log, "wb") as output:
        process = subprocess.Popen(
            [*command, "--ready-file", str(ready_file)], stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    stack.callback(stop, process)
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if ready_file.exists() and (text := ready_file.read_text().strip()):
            return text
        if process.poll() is not None:
            break
        time.sleep(0.01)
    raise RuntimeError(f"{command[0]} did not start: {log.read_text()}")


def stop(process):
    process.send_signal(signal.SIGKILL)
    process.wait()


class Portal:
    """An emulated portal and the gateway in front of it."""

    def __init__(self, stack, binaries, certificates, transport, flags=(), gateway_flags=()):
        directory = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        self.transport = transport
        self.certificates = certificates
        credentials = directory / "credentials"
        self.url = start(
            stack,
            [
                binaries / "docspace-emulator",
                "--quiet",
                "--credentials-file",
                credentials,
                *flags,
            ],
            directory / "emulator.ready",
            directory / "emulator.log",
        )
        self.target = start(
            stack,
            [
                binaries / "docspace-apikeys-gateway",
                "--docspace-url",
                self.url,
                "--listen",
                "127.0.0.1:0",
                *self._listener(),
                *gateway_flags,
            ],
            directory / "gateway.ready",
            directory / "gateway.log",
        )
        self.variables = {
            word.partition("=")[0].removeprefix("EMULATOR_"): word.partition("=")[2]
            for word in shlex.split(credentials.read_text())
        }
        # Together with the letters before it in a case, it exceeds the maximum length of a credential.
        self.variables["LONG_TOKEN"] = "0" * (16 * 1024)

    def _listener(self):
        flags = []
        if self.transport != "plaintext":
            flags += ["--caller-tls-certificate-file", self.certificates.path("gateway.pem")]
            flags += ["--caller-tls-private-key-file", self.certificates.path("gateway.key")]
        if self.transport == "mtls":
            flags += ["--caller-tls-client-ca-file", self.certificates.path("ca.pem")]
        return flags

    def target_at(self, host):
        """Returns the gateway's address with a host name of this machine."""
        return f"{host}:{self.target.rpartition(':')[2]}"

    def tls(self, case):
        """Returns the TLS settings of a caller, or None for plaintext."""
        if self.transport == "plaintext":
            return None
        tls = {"ca_file": self.certificates.path(f"{case.get('trust', 'ca')}.pem")}
        if self.transport == "mtls" and case.get("identity") != "none":
            tls["certificate_file"] = self.certificates.path("caller.pem")
            tls["private_key_file"] = self.certificates.path("caller.key")
        return tls

    def control(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/emulator/{path}", data, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read()

    def requests(self):
        return json.loads(self.control("GET", "state"))["requests"]


class Runner:
    """The program that makes the calls in one language: it reads and writes lines of JSON."""

    def __init__(self, stack, name, command):
        self.process = subprocess.Popen(
            shlex.split(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            env={**os.environ, **ENVIRONMENT},
        )
        stack.callback(self._end)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.process.stdout, selectors.EVENT_READ)

    def _end(self):
        self.process.stdin.close()
        try:
            status = self.process.wait(ANSWER_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            status = self.process.wait()
        if status != 0:
            raise RuntimeError(f"a runner ended with status {status}")

    def ask(self, call):
        self.process.stdin.write(json.dumps(call).encode() + b"\n")
        self.process.stdin.flush()
        if not self.selector.select(ANSWER_SECONDS):
            raise RuntimeError("no answer")
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the runner ended")
        return json.loads(line)


def judge(case, outcome, requests):
    """Returns the differences between the expected and the actual outcome of a case."""
    expected = case["expect"]
    (kind,) = expected.keys() & OUTCOMES
    if kind not in outcome:
        return [f"{outcome} instead of a {kind}"]
    found = list(differences(expected[kind], outcome[kind]))
    if kind == "error" and expected["error"].get("reason"):
        found += differences({"domain": DOMAIN, "request_id": "~.", "from_gateway": True}, outcome["error"])
    if requests != expected.get("requests", requests):
        found.append(f"the portal got {requests} requests instead of {expected['requests']}")
    return found


def run_case(case, portal, runner):
    """Runs `case` with `runner` and returns the differences from the expected outcome."""
    case = expand(case, portal.variables)
    if "fault" in case:
        portal.control("POST", "fail", {"times": 1000, **case["fault"]})
    portal.control("PUT", "conditions", case.get("conditions", {}))
    before = portal.requests()
    try:
        outcome = runner.ask(
            {
                "target": portal.target_at(case.get("host", "127.0.0.1")),
                "allow_remote_plaintext": case.get("allow_remote_plaintext", False),
                "tls": portal.tls(case),
                "rpc": case["rpc"],
                "request": case.get("request", {}),
                "credential": case.get("credential"),
                "metadata": case.get("metadata", {}),
                "timeout_ms": case.get("timeout_ms", DEFAULT_TIMEOUT_MS),
            }
        )
        return judge(case, outcome, portal.requests() - before)
    finally:
        portal.control("DELETE", "fail")


def run(name, command, cases, binaries, certificates):
    """Runs all cases over all transports. Returns {case: {transport: passed}}."""
    results = {case["name"]: {} for case in cases}
    with contextlib.ExitStack() as stack:
        runner = Runner(stack, name, command)
        for transport in TRANSPORTS:
            with contextlib.ExitStack() as servers:
                portals = {}
                for case in cases:
                    if transport not in case.get("transports", TRANSPORTS):
                        continue
                    flags = (tuple(case.get("portal", ())), tuple(case.get("gateway", ())))
                    if flags not in portals:
                        portals[flags] = Portal(servers, binaries, certificates, transport, *flags)
                    found = run_case(case, portals[flags], runner)
                    results[case["name"]][transport] = not found
                    if found:
                        print(
                            json.dumps(
                                {"runner": name, "transport": transport, "failed": case["name"], "detail": found}
                            )
                        )
    return results


def cell(result):
    return "".join({True: "+", False: "X", None: "."}[result.get(transport)] for transport in TRANSPORTS)


def print_table(cases, table):
    print("\nOver plaintext, TLS and mTLS: + passed, X failed, . does not apply\n")
    width = max(len(case["name"]) for case in cases)
    print(" " * width, *table)
    for case in cases:
        cells = (cell(results.get(case["name"], {})).ljust(len(name)) for name, results in table.items())
        print(case["name"].ljust(width), *cells)
    print()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--case", help="only the cases whose names contain this")
    parser.add_argument("runners", nargs="+")
    arguments = parser.parse_args()
    missing = name_server.enter()
    cases = [case for case in load_cases() if not arguments.case or arguments.case in case["name"]]
    table = {}
    broken = []
    if missing:
        named = [case["name"] for case in cases if case.get("host", "").endswith(".test")]
        cases = [case for case in cases if case["name"] not in named]
        print(f"SKIPPED {'; '.join(named)}: {missing}")
        broken += named if "CI" in os.environ else []
    with tempfile.TemporaryDirectory() as directory, futures.ThreadPoolExecutor(AT_A_TIME) as pool:
        certificates = Certificates(pathlib.Path(directory))
        running = {}
        for runner in arguments.runners:
            name, _, command = runner.partition("=")
            running[name] = pool.submit(run, name, command, cases, arguments.bin.resolve(), certificates)
        for name, results in running.items():
            try:
                table[name] = results.result()
            except (RuntimeError, OSError, ValueError) as error:
                broken.append(name)
                print(json.dumps({"runner": name, "failed": "to run", "detail": [str(error)]}))
    print_table(cases, table)
    outcomes = [passed for results in table.values() for case in results.values() for passed in case.values()]
    failed = outcomes.count(False) + len(broken)
    print(f"{outcomes.count(True)} passed, {failed} failed")
    return 1 if failed or not outcomes else 0


if __name__ == "__main__":
    sys.exit(main())

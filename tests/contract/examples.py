"""Runs the clients' examples: examples.py --bin DIRECTORY EXAMPLE...

Each EXAMPLE is `NAME=COMMAND`, a program that takes the gateway's address and optionally a name, and behaves
as examples.json says. It must print neither the secret of the key that it creates nor its own credential.
"""

import argparse
import contextlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

from suite import HERE, Certificates, Portal

TIMEOUT_SECONDS = 60


def differences(case, portal, command):
    """Runs `command` for `case` and returns the differences from the expected behavior."""
    key = case.get("api_key", portal.variables["OWNER_API_KEY"])
    if "fault" in case:
        portal.control("POST", "fail", case["fault"])
    before = portal.requests()
    finished = subprocess.run(
        [*shlex.split(command), case.get("target", portal.target), *case.get("arguments", [])],
        env={**os.environ, "DOCSPACE_API_KEY": key, "DOCSPACE_CA_FILE": portal.certificates.path("ca.pem")},
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
    )
    portal.control("DELETE", "fail")
    requests = portal.requests() - before
    if finished.returncode != case["status"]:
        yield f"status {finished.returncode}"
    if finished.stdout.splitlines() != case["stdout"]:
        yield "standard output is not as expected"
    if not re.search(case.get("stderr", ""), finished.stderr):
        yield "standard error is not as expected"
    if requests != case.get("requests", requests):
        yield f"the portal got {requests} requests"
    if re.search("sk-[0-9a-f]{8}", finished.stdout + finished.stderr) or key in finished.stdout + finished.stderr:
        yield "a secret is shown"
    elif finished.stdout.splitlines() != case["stdout"] or finished.returncode != case["status"]:
        yield finished.stdout + finished.stderr


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("examples", nargs="+")
    arguments = parser.parse_args()
    passed = failed = 0
    with contextlib.ExitStack() as stack:
        certificates = Certificates(pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory())))
        for example in arguments.examples:
            name, _, command = example.partition("=")
            portal = Portal(stack, arguments.bin.resolve(), certificates, "tls")
            for case in json.loads((HERE / "examples.json").read_text()):
                try:
                    found = list(differences(case, portal, command))
                except (OSError, subprocess.TimeoutExpired) as error:
                    found = [str(error)]
                if found:
                    print(json.dumps({"example": name, "failed": case["name"], "detail": found}))
                passed, failed = passed + (not found), failed + bool(found)
    print(f"{passed} examples passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())

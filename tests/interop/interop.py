"""Calls the gateway with tools of other projects, which use only its published description.

    interop.py --bin DIRECTORY --transcoder PROGRAM --buf PROGRAM

The transcoder restores the portal's REST API from the proto's annotations: each of the six operations must return
the portal's own response. buf calls by reflection, over plaintext and TLS.
"""

import argparse
import contextlib
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "contract"))

from suite import Certificates, Portal, stop

SEED = ["--seed", "7"]


def rest(origin, host, authorization, method, path, body=None):
    """Makes one call of the REST API, and returns status and JSON."""
    headers = {"Host": host, "Accept": "application/json", **authorization}
    data = None if body is None else json.dumps(body).encode()
    if data is not None:
        headers["Content-Type"] = "application/json"
    request = urllib.request.Request(origin + path, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def canonical(value):
    """Removes differences that proto JSON cannot express: absent, null and an empty list become equal, and so
    do all date-times, because two portals do not act at the same instant."""
    if isinstance(value, list):
        return [canonical(item) for item in value]
    if isinstance(value, dict):
        return {name: canonical(item) for name, item in value.items() if item is not None and item != []}
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)", value):
        return "a date-time"
    return value


def round_trip(portal, twin, transcoder):
    """Yields (name, difference or None) for calls made through the gateway and, to a twin, directly."""
    host = portal.url.removeprefix("http://")
    key_id = portal.variables["USER_API_KEY_ID"]
    credentials = {
        "apikey": {"Authorization": f"Bearer {portal.variables['OWNER_API_KEY']}"},
        "cookie": {"Cookie": f"asc_auth_key={portal.variables['OWNER_SESSION_TOKEN']}"},
    }
    keys = "/api/2.0/keys"
    calls = [
        ("apikey", "GET", keys),
        ("cookie", "GET", keys),
        ("apikey", "GET", f"{keys}?fields=id,name"),
        ("apikey", "GET", f"{keys}/@self"),
        ("apikey", "GET", f"{keys}/permissions"),
        ("apikey", "POST", keys, {"name": "<b>Ключ</b> 🔑", "permissions": ["files:read"], "expiresInDays": 30}),
        ("apikey", "PUT", f"{keys}/{key_id}", {"name": "Renamed", "isActive": False}),
        ("apikey", "GET", keys),
        ("apikey", "DELETE", f"{keys}/{key_id}"),
        ("apikey", "GET", keys),
    ]
    for credential, *call in calls:
        through = rest(transcoder, host, credentials[credential], *call)
        direct = rest(twin.url, host, credentials[credential], *call)
        same = through[0] == direct[0] == 200 and canonical(through[1]) == canonical(direct[1])
        name = f"{call[0]} {call[1].replace(key_id, '{key_id}')} with {credential}"
        yield name, None if same else f"{through} instead of {direct}"
    for name, headers, status in (("no credential", {}, 401), ("a wrong key", {"Authorization": "Bearer sk-0"}, 401)):
        answered, _ = rest(transcoder, host, headers, "GET", keys)
        yield f"GET {keys} with {name}", None if answered == status else f"{answered} instead of {status}"


def by_reflection(portal, buf, directory):
    """Yields (name, difference or None) for calls that buf makes."""
    header = directory / f"{portal.transport}.header"
    header.touch(0o600)
    header.write_text(f"Authorization: Bearer {portal.variables['OWNER_API_KEY']}\n")
    if portal.transport == "plaintext":
        origin, flags = f"http://{portal.target}", ["--http2-prior-knowledge"]
    else:
        origin, flags = f"https://{portal.target}", ["--cacert", portal.certificates.path("ca.pem")]
    for rpc, request, expected in (
        ("GetApiKey", {"fields": "id"}, {"response": {"id": portal.variables["OWNER_API_KEY_ID"]}}),
        ("CreateApiKey", {"name": "By buf", "expiresInDays": 1}, {"response": {"name": "By buf"}}),
    ):
        finished = subprocess.run(
            [buf, "curl", "--protocol", "grpc", *flags, "--header", f"@{header}", "--data", json.dumps(request)]
            + [f"{origin}/docspace.apikeys.v1.ApiKeys/{rpc}"],
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )
        answer = json.loads(finished.stdout or "{}")
        same = finished.returncode == 0 and expected["response"].items() <= answer["response"].items()
        yield f"buf curl {rpc} over {portal.transport}", None if same else finished.stdout + finished.stderr


def checks(arguments, stack):
    directory = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
    certificates = Certificates(directory)
    portals = {}
    for name, transport in (("portal", "plaintext"), ("twin", "plaintext"), ("tls", "tls")):
        portals[name] = Portal(stack, arguments.bin.resolve(), certificates, transport, SEED)
    transcoder = subprocess.Popen([arguments.transcoder, portals["portal"].target], stdout=subprocess.PIPE, text=True)
    stack.callback(stop, transcoder)
    yield from round_trip(portals["portal"], portals["twin"], transcoder.stdout.readline().strip())
    for name in ("portal", "tls"):
        yield from by_reflection(portals[name], arguments.buf, directory)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--transcoder", required=True)
    parser.add_argument("--buf", required=True)
    passed = failed = 0
    with contextlib.ExitStack() as stack:
        for name, difference in checks(parser.parse_args(), stack):
            print(f"{'FAILED' if difference else 'passed'} {name}{f': {difference}' if difference else ''}")
            passed, failed = passed + (not difference), failed + bool(difference)
    print(f"{passed} calls passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())

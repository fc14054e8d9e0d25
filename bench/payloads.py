"""Writes the portal's responses of the benchmark: payloads.py FOLDER.

The members and their order are those of the portal; everything is made from counters, so that each
run on each machine has the same octets.
"""

import json
import pathlib
import sys

PORTAL = "https://your-docspace.example"
PERMISSIONS = ["accounts.self:read", "files:read", "files:write", "rooms:read", "rooms:write"]


def guid(number):
    return f"3fa85f64-5717-4562-b3fc-{number:012x}"


def employee(number):
    root = f"/storage/userPhotos/root/{guid(number)}"
    return {
        "id": guid(number),
        "displayName": f"Administrator &amp; Owner {number}",
        "avatar": f"{root}_size_48-48.png",
        "avatarOriginal": f"{root}_orig_512-512.png",
        "avatarMax": f"{root}_size_200-200.png",
        "avatarMedium": f"{root}_size_48-48.png",
        "avatarSmall": f"{root}_size_32-32.png",
        "profileUrl": f"{PORTAL}/accounts/view/@self",
        "hasAvatar": True,
        "isAnonim": False,
    }


def api_key(number):
    return {
        "id": guid(number),
        "name": f"Nightly build {number}",
        "key": f"sk-***{number % 65536:04x}",
        "keyPostfix": f"{number % 65536:04x}",
        "permissions": PERMISSIONS,
        "lastUsed": "2026-06-15T13:30:00.1234567+03:00",
        "createOn": "2026-01-02T08:05:09.0000000+03:00",
        "createBy": employee(number),
        "expiresAt": "2027-01-02T08:05:09.0000000+03:00",
        "isActive": True,
    }


def envelope(response, count, path):
    return {
        "response": response,
        "count": count,
        "total": count,
        "links": [{"href": f"{PORTAL}/api/2.0/keys{path}", "action": "GET"}],
        "status": 0,
        "statusCode": 200,
    }


def keys(count):
    return envelope([api_key(number) for number in range(count)], count, "")


DENIED = {
    "error": {
        "message": "Access denied",
        "type": "System.Security.SecurityException",
        "stack": "   at ASC.Web.Api.Controllers.ApiKeysController.GetApiKey() in ApiKeysController.cs:line 95",
        "hresult": -2146233078,
    },
    "status": 1,
    "statusCode": 403,
}

PAYLOADS = {
    "one_key": envelope(api_key(1), 1, "/@self"),
    "list_of_one": keys(1),
    "ten_keys": keys(10),
    "fifty_keys": keys(50),
    "hundred_keys": keys(100),
    "thousand_keys": keys(1000),
    "ten_thousand_keys": keys(10_000),
    "denied": DENIED,
}


def main(folder):
    for name, payload in PAYLOADS.items():
        text = json.dumps(payload, separators=(",", ":"))
        (pathlib.Path(folder) / f"{name}.json").write_text(text, encoding="ascii")


if __name__ == "__main__":
    main(sys.argv[1])

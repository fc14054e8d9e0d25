"""Lists, creates, updates and deletes a key: DOCSPACE_API_KEY=sk-… example.py HOST:PORT [NAME]

DOCSPACE_CA_FILE names a file of authorities to trust instead of those of the gRPC package.
"""

import os
import pathlib
import sys
import time

import grpc

from docspace.apikeys import ApiKeysError, api_key, connect, take_secret
from docspace.apikeys.v1.api_keys_pb2 import (
    CreateApiKeyRequest,
    DeleteApiKeyRequest,
    GetApiKeysRequest,
    UpdateApiKeyRequest,
)
from docspace.apikeys.v1.api_keys_pb2_grpc import ApiKeysStub


def create(keys: ApiKeysStub, name: str) -> str:
    """Creates a key and returns its id, even if a response is lost."""
    attempts = 0
    while True:
        attempts += 1
        try:
            created = keys.CreateApiKey(CreateApiKeyRequest(name=name, permissions=["files:read"], expires_in_days=30))
            # reveal() is the only way to read the secret: pass it to the program that stores it.
            take_secret(created)
            print("created", name)
            return created.api_key.id
        except ApiKeysError as error:
            if error.reason == "WRITE_OUTCOME_UNKNOWN":
                # The key may exist, but its secret is lost.
                for key in keys.GetApiKeys(GetApiKeysRequest()).api_keys:
                    if key.name == name:
                        print("found", name)
                        return key.id
            elif not error.is_safe_to_retry:
                raise
            if attempts == 3:
                raise
            time.sleep(error.backoff(attempts).total_seconds())


def delete(keys: ApiKeysStub, key_id: str, name: str) -> None:
    try:
        deleted = keys.DeleteApiKey(DeleteApiKeyRequest(key_id=key_id), timeout=5).deleted
    except ApiKeysError as error:
        if error.reason != "ACCESS_DENIED":
            raise
        deleted = False
    # For a key of another user, older portals return false and newer ones deny access.
    print(f"deleted {name}" if deleted else "not deleted: another user's key")


def tour(keys: ApiKeysStub, name: str) -> None:
    print(len(keys.GetApiKeys(GetApiKeysRequest()).api_keys), "keys")
    key_id = create(keys, name)
    if keys.UpdateApiKey(UpdateApiKeyRequest(key_id=key_id, is_active=False)).updated:
        print("updated", name)
    delete(keys, key_id, name)


def main() -> int:
    target, name = (sys.argv[1:] + ["Example"])[:2]
    ca_file = os.environ.get("DOCSPACE_CA_FILE")
    tls = grpc.ssl_channel_credentials(pathlib.Path(ca_file).read_bytes() if ca_file else None)
    try:
        with connect(target, api_key(os.environ["DOCSPACE_API_KEY"]), tls=tls) as channel:
            tour(ApiKeysStub(channel), name)
        return 0
    except ApiKeysError as error:
        for violation in error.field_violations:
            print(f"{violation.field}: {violation.description}", file=sys.stderr)
        if error.code() == grpc.StatusCode.UNAUTHENTICATED:
            print("DOCSPACE_API_KEY is not accepted: renew it", file=sys.stderr)
        print(f"{error} (request {error.request_id})", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())

"""The contract suite's runner for Python; tests/contract/README.md has the protocol."""

import json
import pathlib
import sys
from typing import Any

import grpc
from google.protobuf import json_format, message

from docspace import apikeys
from docspace.apikeys.v1 import api_keys_pb2, api_keys_pb2_grpc


def request_of(call: dict[str, Any]) -> message.Message:
    request: message.Message = getattr(api_keys_pb2, f"{call['rpc']}Request")()
    return json_format.ParseDict(call["request"], request)


def credential_of(call: dict[str, Any]) -> apikeys.Credential | None:
    match call["credential"]:
        case {"api_key": key}:
            return apikeys.api_key(key)
        case {"bearer": token}:
            return apikeys.bearer(token)
        case {"basic": [email, password]}:
            return apikeys.basic(email, password)
        case {"session_cookie": token}:
            return apikeys.session_cookie(token)
    return None


def transport_of(call: dict[str, Any]) -> dict[str, Any]:
    if call["tls"] is None:
        return {"plaintext": True, "allow_remote_plaintext": call["allow_remote_plaintext"]}
    names = ("ca_file", "private_key_file", "certificate_file")
    files = (call["tls"].get(name) for name in names)
    contents = (pathlib.Path(file).read_bytes() if file else None for file in files)
    return {"tls": grpc.ssl_channel_credentials(*contents)}


def options_of(call: dict[str, Any]) -> dict[str, Any]:
    return {**transport_of(call), "timeout": call["timeout_ms"] / 1000}


def response(answer: message.Message) -> dict[str, Any]:
    return {"response": json_format.MessageToDict(answer)}


def failure(error: apikeys.ApiKeysError) -> dict[str, Any]:
    return {
        "error": {
            "code": error.code().name,
            "message": error.details(),
            "reason": error.reason,
            "domain": error.domain,
            "metadata": error.metadata,
            "field_violations": [
                {"field": violation.field, "description": violation.description} for violation in error.field_violations
            ],
            "retry_delay": None if error.retry_delay is None else error.retry_delay.total_seconds(),
            "request_id": error.request_id,
            "quota_violations": [
                {"subject": violation.subject, "description": violation.description}
                for violation in error.quota_violations
            ],
            "http_status": error.http_status,
            "from_gateway": error.is_from_gateway,
            "known_not_applied": error.is_known_not_applied,
            "safe_to_retry": error.is_safe_to_retry,
            "backoff": str(error.backoff(1).total_seconds()),
        }
    }


def run(call: dict[str, Any]) -> dict[str, Any]:
    try:
        channel = apikeys.connect(call["target"], credential_of(call), **options_of(call))
    except ValueError as refusal:
        return {"refused": str(refusal)}
    with channel:
        method = getattr(api_keys_pb2_grpc.ApiKeysStub(channel), call["rpc"])
        try:
            return response(method(request_of(call), metadata=tuple(call["metadata"].items())))
        except apikeys.ApiKeysError as error:
            return failure(error)


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(run(json.loads(line))), flush=True)

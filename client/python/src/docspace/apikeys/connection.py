"""What a channel is opened with, and what its calls carry, for blocking programs and for asyncio alike."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import grpc

from docspace.apikeys.credentials import Credential
from docspace.apikeys.target import is_loopback

# gRPC repeats reads after UNAVAILABLE. It does not repeat writes, because it cannot tell whether an UNAVAILABLE is
# the gateway's: see ApiKeysError.is_safe_to_retry.
_SERVICE_CONFIG = {
    "loadBalancingConfig": [{"round_robin": {}}],
    "methodConfig": [
        {
            "name": [
                {"service": "docspace.apikeys.v1.ApiKeys", "method": method}
                for method in ("GetAllPermissions", "GetApiKey", "GetApiKeys")
            ],
            "retryPolicy": {
                "maxAttempts": 4,
                "initialBackoff": "0.2s",
                "maxBackoff": "5s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ],
}

_OPTIONS = (
    ("grpc.service_config", json.dumps(_SERVICE_CONFIG)),
    # A service config from DNS could repeat writes.
    ("grpc.service_config_disable_resolution", 1),
    # A list of 10,000 keys is about twice gRPC's default limit.
    ("grpc.max_receive_message_length", 64 * 1024 * 1024),
)

Channel = TypeVar("Channel")


class Transport:
    """How a channel reaches its target: with TLS, or as plaintext if that is permitted.

    Raises ValueError as `connect` does.
    """

    def __init__(
        self, target: str, tls: grpc.ChannelCredentials | None, plaintext: bool, allow_remote_plaintext: bool
    ) -> None:
        self._target = target
        self._options: tuple[tuple[str, Any], ...] = _OPTIONS
        self._credentials = None if plaintext else tls or grpc.ssl_channel_credentials()
        if not plaintext:
            return
        if tls is not None:
            raise ValueError("tls and plaintext exclude each other")
        if is_loopback(target):
            # A proxy of the environment is another machine.
            self._options = (*_OPTIONS, ("grpc.enable_http_proxy", 0))
        elif not allow_remote_plaintext:
            raise ValueError(
                "plaintext would show the credential to other machines: use TLS, or allow_remote_plaintext=True"
            )

    def open(self, insecure: Callable[..., Channel], secure: Callable[..., Channel], **arguments: Any) -> Channel:
        """Returns the channel that one of gRPC's two functions makes, which get `arguments` too."""
        if self._credentials is None:
            return insecure(self._target, self._options, **arguments)
        return secure(self._target, self._credentials, self._options, **arguments)


class CallDetails(NamedTuple):
    method: str
    timeout: float | None
    metadata: Any
    credentials: grpc.CallCredentials | None
    wait_for_ready: bool | None

    def __repr__(self) -> str:
        return f"<CallDetails {self.method}>"  # The metadata holds the credential.


class CallDefaults:
    """What every call of a channel carries: the credential, and a deadline in seconds if it has none of its own."""

    def __init__(self, credential: Credential | None, timeout: float) -> None:
        self._credential = credential
        self._timeout = timeout

    def completed(self, details: Any) -> CallDetails:
        """Returns the details of a call with the credential and the deadline."""
        own = () if self._credential is None else (self._credential.metadata(),)
        return CallDetails(
            details.method,
            self._timeout if details.timeout is None else details.timeout,
            (*(details.metadata or ()), *own),
            details.credentials,
            details.wait_for_ready,
        )

"""A channel to the gateway with credential, deadline, retries of reads, and transport security."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import grpc

from docspace.apikeys.credentials import Credential
from docspace.apikeys.errors import ApiKeysError
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


def connect(
    target: str,
    credential: Credential | None,
    *,
    tls: grpc.ChannelCredentials | None = None,
    plaintext: bool = False,
    allow_remote_plaintext: bool = False,
    timeout: float = 30.0,
) -> grpc.Channel:
    """Opens a channel whose calls carry `credential` and fail with ApiKeysError. The caller closes it.

    target: `host:port`, or any other target of gRPC, such as `dns:///gateway.example:50051`.
    tls: the authorities to trust and the certificate to present; by default the authorities of the gRPC package.
    plaintext: turns off encryption, of the credential too.
    allow_remote_plaintext: lets plaintext reach other machines. It is for networks that encrypt their traffic,
        such as a service mesh. On other networks everyone on the path can read the credential.
    timeout: the deadline in seconds of calls that have none of their own, retries included.

    Raises ValueError if both `tls` and `plaintext` are given, or if `plaintext` would reach another machine.
    """
    options = options_for(target, tls, plaintext, allow_remote_plaintext)
    if plaintext:
        channel = grpc.insecure_channel(target, options)
    else:
        channel = grpc.secure_channel(target, tls or grpc.ssl_channel_credentials(), options)
    return grpc.intercept_channel(channel, _Interceptor(credential, timeout))


def options_for(
    target: str, tls: grpc.ChannelCredentials | None, plaintext: bool, allow_remote_plaintext: bool
) -> tuple[tuple[str, Any], ...]:
    """Returns the options of a channel; raises ValueError as `connect` does."""
    if not plaintext:
        return _OPTIONS
    if tls is not None:
        raise ValueError("tls and plaintext exclude each other")
    if is_loopback(target):
        # A proxy of the environment is another machine.
        return (*_OPTIONS, ("grpc.enable_http_proxy", 0))
    if not allow_remote_plaintext:
        raise ValueError(
            "plaintext would show the credential to other machines: use TLS, or allow_remote_plaintext=True"
        )
    return _OPTIONS


class CallDetails(NamedTuple):
    method: str
    timeout: float | None
    metadata: Any
    credentials: grpc.CallCredentials | None
    wait_for_ready: bool | None

    def __repr__(self) -> str:
        return f"<CallDetails {self.method}>"  # The metadata holds the credential.


def completed(details: Any, credential: Credential | None, timeout: float) -> CallDetails:
    """Returns `details` with the credential, and with a deadline if they have none."""
    own = () if credential is None else (credential.metadata(),)
    return CallDetails(
        details.method,
        timeout if details.timeout is None else details.timeout,
        (*(details.metadata or ()), *own),
        details.credentials,
        details.wait_for_ready,
    )


class _Interceptor(grpc.UnaryUnaryClientInterceptor):
    def __init__(self, credential: Credential | None, timeout: float) -> None:
        self._credential = credential
        self._timeout = timeout

    def intercept_unary_unary(self, continuation: Callable[..., Any], client_call_details: Any, request: Any) -> Any:
        return _Call(continuation(completed(client_call_details, self._credential, self._timeout), request))


class _Call:
    """A call of gRPC that fails with ApiKeysError."""

    def __init__(self, call: Any) -> None:
        self._call = call

    def __getattr__(self, name: str) -> Any:
        return getattr(self._call, name)

    def result(self, timeout: float | None = None) -> Any:
        try:
            return self._call.result(timeout)
        except grpc.RpcError as error:
            raise ApiKeysError(error) from None

    def add_done_callback(self, callback: Callable[[Any], None]) -> None:
        self._call.add_done_callback(lambda _: callback(self))

    def exception(self, timeout: float | None = None) -> Exception | None:
        error = self._call.exception(timeout)
        return ApiKeysError(error) if isinstance(error, grpc.RpcError) else error

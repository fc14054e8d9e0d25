"""A channel to the gateway with credential, deadline, retries of reads, and transport security."""

from collections.abc import Callable
from typing import Any

import grpc

from docspace.apikeys.connection import CallDefaults, Transport
from docspace.apikeys.credentials import Credential
from docspace.apikeys.errors import ApiKeysError


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
    transport = Transport(target, tls, plaintext, allow_remote_plaintext)
    channel = transport.open(grpc.insecure_channel, grpc.secure_channel)
    return grpc.intercept_channel(channel, _Interceptor(CallDefaults(credential, timeout)))


class _Interceptor(grpc.UnaryUnaryClientInterceptor):
    def __init__(self, defaults: CallDefaults) -> None:
        self._defaults = defaults

    def intercept_unary_unary(self, continuation: Callable[..., Any], client_call_details: Any, request: Any) -> Any:
        return _Call(continuation(self._defaults.completed(client_call_details), request))


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

"""`connect` for asyncio."""

from collections.abc import Callable
from typing import Any

import grpc
import grpc.aio

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
) -> grpc.aio.Channel:
    """Does what docspace.apikeys.connect does, for `async with` and `await`."""
    transport = Transport(target, tls, plaintext, allow_remote_plaintext)
    interceptors = [_Interceptor(CallDefaults(credential, timeout))]
    return transport.open(grpc.aio.insecure_channel, grpc.aio.secure_channel, interceptors=interceptors)


class _Interceptor(grpc.aio.UnaryUnaryClientInterceptor):
    def __init__(self, defaults: CallDefaults) -> None:
        self._defaults = defaults

    async def intercept_unary_unary(
        self, continuation: Callable[..., Any], client_call_details: Any, request: Any
    ) -> Any:
        details = self._defaults.completed(client_call_details)
        details = details._replace(metadata=grpc.aio.Metadata(*details.metadata))
        call = await continuation(details, request)
        try:
            await call
        except grpc.aio.AioRpcError as error:
            raise ApiKeysError(error) from None
        return call

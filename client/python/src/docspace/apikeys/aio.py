"""`connect` for asyncio."""

from collections.abc import Callable
from typing import Any

import grpc
import grpc.aio

from docspace.apikeys.channel import completed, options_for
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
    options = options_for(target, tls, plaintext, allow_remote_plaintext)
    interceptors = [_Interceptor(credential, timeout)]
    if plaintext:
        return grpc.aio.insecure_channel(target, options, interceptors=interceptors)
    return grpc.aio.secure_channel(target, tls or grpc.ssl_channel_credentials(), options, interceptors=interceptors)


class _Interceptor(grpc.aio.UnaryUnaryClientInterceptor):
    def __init__(self, credential: Credential | None, timeout: float) -> None:
        self._credential = credential
        self._timeout = timeout

    async def intercept_unary_unary(
        self, continuation: Callable[..., Any], client_call_details: Any, request: Any
    ) -> Any:
        details = completed(client_call_details, self._credential, self._timeout)
        details = details._replace(metadata=grpc.aio.Metadata(*details.metadata))
        call = await continuation(details, request)
        try:
            await call
        except grpc.aio.AioRpcError as error:
            raise ApiKeysError(error) from None
        return call

"""The API keys of a DocSpace portal, through its gRPC gateway.

`connect` opens a channel for the generated stub of `docspace.apikeys.v1`; `docspace.apikeys.aio` does for
asyncio. The messages and RPCs are described in `docspace.apikeys.v1.api_keys_pb2`.
"""

from docspace.apikeys.channel import connect
from docspace.apikeys.credentials import Credential, api_key, basic, bearer, session_cookie
from docspace.apikeys.errors import ApiKeysError, FieldViolation
from docspace.apikeys.secret import Secret, take_secret

__all__ = [
    "ApiKeysError",
    "Credential",
    "FieldViolation",
    "Secret",
    "api_key",
    "basic",
    "bearer",
    "connect",
    "session_cookie",
    "take_secret",
]

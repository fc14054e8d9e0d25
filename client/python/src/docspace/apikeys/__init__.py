"""The API keys of a DocSpace portal, through its gRPC gateway.

`connect` opens a channel for the generated stub of `docspace.apikeys.v1`, and `docspace.apikeys.aio.connect` opens
one for asyncio. `docspace.apikeys.v1.api_keys_pb2` describes the messages.
"""

from docspace.apikeys.channel import connect
from docspace.apikeys.credentials import Credential, api_key, basic, bearer, session_cookie
from docspace.apikeys.errors import DOMAIN, ApiKeysError, FieldViolation, QuotaViolation
from docspace.apikeys.secret import Secret, take_secret

__all__ = [
    "DOMAIN",
    "ApiKeysError",
    "Credential",
    "FieldViolation",
    "QuotaViolation",
    "Secret",
    "api_key",
    "basic",
    "bearer",
    "connect",
    "session_cookie",
    "take_secret",
]

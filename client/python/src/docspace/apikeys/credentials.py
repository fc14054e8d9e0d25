"""The credential of a call, of one of the four kinds that a DocSpace portal accepts.

The functions raise ValueError, with a message that does not repeat the value, for an empty value, for one whose
metadata entry is longer than 16 KiB, and for a token with any other characters than visible ASCII.
"""

import base64
import re
from typing import final

from docspace.apikeys.secret import Unshown

# The greatest number of bytes that the gateway accepts in a credential's metadata entry.
_LONGEST = 16 * 1024


@final
class Credential(Unshown):
    """One of the credentials below. No function that prints or stores it shows its value."""

    __slots__ = ("_name",)

    def __init__(self, name: str, value: str) -> None:
        if len(value) > _LONGEST:
            raise ValueError("the credential is longer than 16 KiB")
        super().__init__(value)
        self._name = name

    def __repr__(self) -> str:
        return f"<Credential {self._name}>"

    def metadata(self) -> tuple[str, str]:
        """Returns the metadata entry that carries the credential: the only way to its value."""
        return self._name, self._value


def api_key(key: str) -> Credential:
    """An API key, `sk-…`."""
    if not key.startswith("sk-"):
        raise ValueError("an API key begins with sk-")
    return Credential("apikeybearer", _token(key))


def bearer(token: str) -> Credential:
    """A JWT, an OAuth 2.0 access token or an OpenID Connect token, without a scheme word."""
    return Credential("authorization", f"Bearer {_token(token)}")


def basic(email: str, password: str) -> Credential:
    """A user's email and password. Refuses control characters, and a colon in the email."""
    if not email or ":" in email or not password:
        raise ValueError("Basic needs an email without a colon, and a password")
    if re.search(r"[\x00-\x1f\x7f]", email + password):
        raise ValueError("the email or the password contains a control character")
    pair = base64.b64encode(f"{email}:{password}".encode()).decode()
    return Credential("authorization", f"Basic {pair}")


def session_cookie(token: str) -> Credential:
    """The value of the portal's `asc_auth_key` cookie. Refuses a semicolon."""
    if ";" in token:
        raise ValueError("the session token contains a semicolon")
    return Credential("asc_auth_key", _token(token))


def _token(text: str) -> str:
    if not re.fullmatch(r"[!-~]+", text):
        raise ValueError("a token consists of visible ASCII characters, at least one")
    return text

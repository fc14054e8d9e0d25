"""Who calls: one of the credentials that a DocSpace portal knows."""

import base64
import re
from typing import final

from docspace.apikeys.secret import Unshown


@final
class Credential(Unshown):
    """One of the credentials below. However it is printed, it does not show itself."""

    __slots__ = ("_name",)

    def __init__(self, name: str, value: str) -> None:
        super().__init__(value)
        self._name = name

    def __repr__(self) -> str:
        return f"<Credential {self._name}>"

    def metadata(self) -> tuple[str, str]:
        """The metadata that carries it: the only way to its value."""
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
    """A user's email and password."""
    if not email or ":" in email or not password:
        raise ValueError("Basic needs an email without a colon, and a password")
    pair = base64.b64encode(f"{email}:{password}".encode()).decode()
    return Credential("authorization", f"Basic {pair}")


def session_cookie(token: str) -> Credential:
    """The value of the portal's `asc_auth_key` cookie."""
    return Credential("asc_auth_key", _token(token))


def _token(text: str) -> str:
    if not re.fullmatch(r"[!-~]+", text):
        raise ValueError("a token is visible ASCII characters, and at least one")
    return text

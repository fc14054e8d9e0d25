"""The secret of a new key, in a type that does not show itself."""

from typing import NoReturn, final

from docspace.apikeys.v1.api_keys_pb2 import CreateApiKeyResponse


class Unshown:
    """Base class of values that no printing, pickling or copying reveals."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __format__(self, _: str) -> str:
        return repr(self)

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} cannot be pickled, copied or encoded")

    # Libraries that encode objects without pickling them call it.
    def __getstate__(self) -> NoReturn:
        self.__reduce__()


@final
class Secret(Unshown):
    """The secret of a new key. `reveal` is the only way to its value."""

    __slots__ = ()

    def reveal(self) -> str:
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)


def take_secret(created: CreateApiKeyResponse) -> Secret:
    """Moves the secret out of the response of CreateApiKey and leaves the masked form that later responses show.

    Call it before anything can print the response, because a message of Protobuf shows all its fields. The result
    is empty if the response has no secret, or if it has been taken already.
    """
    value = created.api_key.key
    if not value or value.startswith("sk-***"):
        return Secret("")
    created.api_key.key = "sk-***" + value[-4:]
    return Secret(value)

import copy
import json
import pickle
import pprint
import traceback

import pytest

from docspace.apikeys import api_key, basic, bearer, session_cookie, take_secret
from docspace.apikeys.connection import CallDefaults, CallDetails
from docspace.apikeys.v1.api_keys_pb2 import ApiKey, CreateApiKeyResponse

SECRETS = [
    (api_key("sk-planted"), ("apikeybearer", "sk-planted")),
    (bearer("planted.e30.x"), ("authorization", "Bearer planted.e30.x")),
    (basic("ülo@portal.example", "planted:1"), ("authorization", "Basic w7xsb0Bwb3J0YWwuZXhhbXBsZTpwbGFudGVkOjE=")),
    (session_cookie("planted"), ("asc_auth_key", "planted")),
]


@pytest.mark.parametrize(("credential", "metadata"), SECRETS)
def test_travels_as_metadata(credential, metadata):
    assert credential.metadata() == metadata


@pytest.fixture(name="secret")
def taken():
    return take_secret(CreateApiKeyResponse(api_key=ApiKey(key="sk-planted0123456789abcd")))


def hidden(value):
    """Fails if something that prints or encodes shows `value`."""
    texts = [repr(value), str(value), f"{value}", f"{value!r:>40}", f"{value:s}", pprint.pformat([value])]
    texts.append(json.dumps(value, default=str))
    try:
        raise RuntimeError
    except RuntimeError as error:
        texts += traceback.TracebackException.from_exception(error, capture_locals=True).format()
    for text in texts:
        assert "planted" not in text
    assert not hasattr(value, "__dict__")
    for store in (pickle.dumps, copy.copy, copy.deepcopy, lambda value: value.__getstate__(), json.dumps):
        with pytest.raises(TypeError) as refusal:
            store(value)
        assert "planted" not in str(refusal.value)


@pytest.mark.parametrize(("credential", "metadata"), SECRETS)
def test_a_credential_shows_itself_nowhere(credential, metadata):
    hidden(credential)
    assert metadata[1] not in repr(
        CallDefaults(credential, 1).completed(CallDetails("/method", None, None, None, None))
    )


def test_a_secret_shows_itself_nowhere(secret):
    hidden(secret)
    assert secret.reveal() == "sk-planted0123456789abcd"


def test_moves_the_secret_out_of_the_answer():
    created = CreateApiKeyResponse(api_key=ApiKey(id="7", key="sk-planted0123456789abcd"))
    assert take_secret(created)
    assert "planted" not in str(created)
    assert created.api_key.key == "sk-***abcd"
    assert not take_secret(created)
    assert not take_secret(CreateApiKeyResponse())


@pytest.mark.parametrize("token", ["", "two words", "line\nfeed", "ümlaut", "tab\t"])
@pytest.mark.parametrize("make", [lambda token: api_key("sk-" + token if token else ""), bearer, session_cookie])
def test_refuses_what_cannot_travel_without_repeating_it(make, token):
    with pytest.raises(ValueError) as refusal:
        make(token)
    assert not token or token not in str(refusal.value)


@pytest.mark.parametrize(
    ("email", "password"),
    [("", "x"), ("a:b", "x"), ("a", ""), ("a", "planted\n"), ("planted\x7f", "x"), ("a", "planted" * 2000)],
)
def test_refuses_what_basic_cannot_be(email, password):
    with pytest.raises(ValueError) as refusal:
        basic(email, password)
    assert "planted" not in str(refusal.value)


def test_refuses_a_semicolon_in_a_cookie():
    with pytest.raises(ValueError):
        session_cookie("a;b")


def test_refuses_what_is_longer_than_16_kib():
    assert bearer("0" * (16 * 1024 - 7))
    for make in (lambda: bearer("0" * (16 * 1024 - 6)), lambda: api_key("sk-" + "0" * 16 * 1024)):
        with pytest.raises(ValueError):
            make()


def test_refuses_a_key_that_is_none():
    with pytest.raises(ValueError):
        api_key("eyJhbGciOi")

import copy
import pickle

import pytest

from docspace.apikeys import api_key, basic, bearer, session_cookie

SECRETS = [
    (api_key("sk-planted"), ("apikeybearer", "sk-planted")),
    (bearer("planted.e30.x"), ("authorization", "Bearer planted.e30.x")),
    (basic("ülo@portal.example", "planted:1"), ("authorization", "Basic w7xsb0Bwb3J0YWwuZXhhbXBsZTpwbGFudGVkOjE=")),
    (session_cookie("planted"), ("asc_auth_key", "planted")),
]


@pytest.mark.parametrize(("credential", "metadata"), SECRETS)
def test_travels_as_metadata(credential, metadata):
    assert credential.metadata() == metadata


@pytest.mark.parametrize(("credential", "metadata"), SECRETS)
def test_does_not_show_itself(credential, metadata):
    for text in (repr(credential), str(credential), f"{credential}"):
        assert metadata[1] not in text
        assert "planted" not in text


@pytest.mark.parametrize(("credential", "metadata"), SECRETS)
def test_is_not_stored(credential, metadata):
    with pytest.raises(TypeError):
        pickle.dumps(credential)
    with pytest.raises(TypeError):
        copy.copy(credential)


@pytest.mark.parametrize("token", ["", "two words", "line\nfeed", "ümlaut", "tab\t"])
@pytest.mark.parametrize("make", [lambda token: api_key("sk-" + token if token else ""), bearer, session_cookie])
def test_refuses_what_cannot_travel_without_repeating_it(make, token):
    with pytest.raises(ValueError) as refusal:
        make(token)
    assert not token or token not in str(refusal.value)


@pytest.mark.parametrize(("email", "password"), [("", "x"), ("a:b", "x"), ("a", "")])
def test_refuses_half_of_basic(email, password):
    with pytest.raises(ValueError):
        basic(email, password)


def test_refuses_a_key_that_is_none():
    with pytest.raises(ValueError):
        api_key("eyJhbGciOi")

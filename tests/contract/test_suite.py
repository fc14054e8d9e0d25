"""Checks that the contract suite detects wrong outcomes."""

import struct

import pytest
from name_server import SERVICE_CONFIG, answer
from suite import DOMAIN, differences, expand, judge, load_cases


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ({}, {"more": 1}),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}),
        ([{}, 1], [{"a": 2}, 1]),
        ("~^sk-[0-9]+$", "sk-42"),
        ({"absent": None}, {}),
        ({"null": None}, {"null": None}),
        (7, 7.0),
    ],
)
def test_takes_what_was_expected(expected, actual):
    assert not list(differences(expected, actual))


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ({"a": 1}, {}),
        ({"a": {}}, {"a": None}),
        ({"a": {}}, {"a": [1]}),
        ([], [1]),
        ([{}], {}),
        (["a", "b"], ["b", "a"]),
        ("~^sk-", "***"),
        ("~.", None),
        ({"absent": None}, {"absent": ""}),
        (True, 1),
        (0, False),
        ("1", 1),
    ],
)
def test_tells_what_is_different(expected, actual):
    assert list(differences(expected, actual))


ERROR = {"code": "NOT_FOUND", "reason": "KEY_NOT_FOUND", "domain": DOMAIN, "request_id": "7", "from_gateway": True}


def failing(**expected):
    return {"expect": {"error": {"code": "NOT_FOUND", "reason": "KEY_NOT_FOUND"}, **expected}}


def test_judges_an_outcome():
    assert not judge(failing(), {"error": ERROR}, 1)
    assert not judge(failing(requests=1), {"error": ERROR}, 1)
    assert not judge({"expect": {"response": {}}}, {"response": {}}, 0)
    assert not judge({"expect": {"refused": "~plain"}}, {"refused": "no plaintext"}, 0)


@pytest.mark.parametrize(
    ("case", "outcome", "requests"),
    [
        (failing(), {"response": {}}, 1),
        ({"expect": {"response": {}}}, {"error": ERROR}, 1),
        (failing(), {"error": {**ERROR, "domain": ""}}, 1),
        (failing(), {"error": {**ERROR, "request_id": ""}}, 1),
        (failing(), {"error": {**ERROR, "from_gateway": False}}, 1),
        (failing(requests=1), {"error": ERROR}, 2),
        ({"expect": {"refused": "~plain"}}, {"error": ERROR}, 0),
        ({"expect": {"refused": "~plain"}}, {"refused": "no"}, 0),
        ({"expect": {"refused": "~plain", "requests": 0}}, {"refused": "plain"}, 1),
    ],
)
def test_judges_an_outcome_to_be_wrong(case, outcome, requests):
    assert judge(case, outcome, requests)


def test_expands_names_everywhere_and_knows_them_all():
    assert expand({"a": ["${X}-${Y}", 1]}, {"X": "1", "Y": "2"}) == {"a": ["1-2", 1]}
    with pytest.raises(KeyError):
        expand("${UNKNOWN}", {})


def test_covers_each_rpc_and_each_code_that_can_be_provoked():
    cases = load_cases()
    assert len({case["name"] for case in cases}) == len(cases)
    assert {case["rpc"] for case in cases} == {
        *("CreateApiKey", "DeleteApiKey", "GetAllPermissions", "GetApiKey", "GetApiKeys", "UpdateApiKey")
    }
    assert {case["expect"]["error"]["code"] for case in cases if "error" in case["expect"]} == {
        *("UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED"),
        *("RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE"),
        "UNAUTHENTICATED",
    }


def ask(name, kind):
    question = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
    response, _ = answer(struct.pack("!HHHHHH", 7, 0x0100, 1, 0, 0, 0) + question + struct.pack("!HH", kind, 1))
    number, flags, _, answers, _, _ = struct.unpack_from("!HHHHHH", response)
    assert (number, flags & 0xFFF0) == (7, 0x8580)
    return flags & 0xF, answers, response[12 + len(question) + 4 :]


def test_the_name_server_knows_its_zone_and_a_service_config():
    no_error, no_such_name = 0, 3
    assert ask("gateway.test", 1) == (no_error, 1, bytes.fromhex("c00c00010001000000000004 7f000001"))
    assert ask("Gateway.TEST", 1)[:2] == (no_error, 1)
    assert ask("gateway.test", 28)[:2] == (no_error, 0)
    assert ask("gateway.example", 1)[:2] == (no_such_name, 0)
    code, answers, record = ask("_grpc_config.gateway.test", 16)
    assert (code, answers) == (no_error, 1)
    assert record[13 : 13 + 20].decode() == SERVICE_CONFIG[:20]

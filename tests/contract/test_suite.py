"""The judge of the contract suite must not let anything pass."""

import pytest
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


ERROR = {"code": "NOT_FOUND", "reason": "KEY_NOT_FOUND", "domain": DOMAIN, "request_id": "7"}


def failing(**expected):
    return {"expect": {"error": {"code": "NOT_FOUND", "reason": "KEY_NOT_FOUND"}, **expected}}


def test_judges_an_outcome():
    assert not judge(failing(), {"error": ERROR}, 1)
    assert not judge(failing(requests=1), {"error": ERROR}, 1)
    assert not judge({"expect": {"response": {}}}, {"response": {}}, 0)


@pytest.mark.parametrize(
    ("case", "outcome", "requests"),
    [
        (failing(), {"response": {}}, 1),
        ({"expect": {"response": {}}}, {"error": ERROR}, 1),
        (failing(), {"error": {**ERROR, "domain": ""}}, 1),
        (failing(), {"error": {**ERROR, "request_id": ""}}, 1),
        (failing(requests=1), {"error": ERROR}, 2),
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

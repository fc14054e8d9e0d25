from datetime import timedelta

import grpc
import pytest
from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2

from docspace.apikeys import DOMAIN, ApiKeysError


class Failure:
    """A call of gRPC's that failed."""

    def __init__(self, code, *details, octets=None):
        self._code = code
        status = status_pb2.Status()
        for detail in details:
            status.details.add().Pack(detail)
        self._octets = status.SerializeToString() if octets is None else octets

    def code(self):
        return self._code

    def details(self):
        return "it failed"

    def trailing_metadata(self):
        return (("x-request-id", "7"), ("grpc-status-details-bin", self._octets))


def info(reason, domain=DOMAIN, **metadata):
    return error_details_pb2.ErrorInfo(reason=reason, domain=domain, metadata={"request_id": "7", **metadata})


def retry(seconds):
    detail = error_details_pb2.RetryInfo()
    detail.retry_delay.FromTimedelta(timedelta(seconds=seconds))
    return detail


def test_decodes_what_the_gateway_says():
    violations = error_details_pb2.BadRequest()
    violations.field_violations.add(field="name", description="is too long")
    quota = error_details_pb2.QuotaFailure()
    quota.violations.add(subject="user", description="5 in 15 minutes")
    details = [info("INVALID_REQUEST", http_status="400"), violations, quota, retry(1.5)]
    error = ApiKeysError(Failure(grpc.StatusCode.INVALID_ARGUMENT, *details))
    assert error.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert error.details() == "it failed"
    assert (error.reason, error.domain, error.request_id) == ("INVALID_REQUEST", DOMAIN, "7")
    assert [(violation.field, violation.description) for violation in error.field_violations] == [
        ("name", "is too long")
    ]
    assert [(violation.subject, violation.description) for violation in error.quota_violations] == [
        ("user", "5 in 15 minutes")
    ]
    assert error.http_status == 400
    assert error.is_from_gateway
    assert error.retry_delay == timedelta(seconds=1.5)
    assert str(error) == "INVALID_ARGUMENT INVALID_REQUEST: it failed"


def test_is_an_error_of_grpc():
    assert isinstance(ApiKeysError(Failure(grpc.StatusCode.INTERNAL)), grpc.RpcError)


@pytest.mark.parametrize("octets", [b"\xff", b"\x1a\x05\x0a\x03abc", b""])
def test_passes_over_details_that_cannot_be_read(octets):
    error = ApiKeysError(Failure(grpc.StatusCode.INTERNAL, octets=octets))
    assert error.code() == grpc.StatusCode.INTERNAL
    assert error.reason == ""


def test_passes_over_a_detail_of_which_only_the_type_is_right():
    broken = status_pb2.Status()
    broken.details.append(any_pb2.Any(type_url="type.googleapis.com/google.rpc.ErrorInfo", value=b"\xff"))
    assert ApiKeysError(Failure(grpc.StatusCode.INTERNAL, octets=broken.SerializeToString())).reason == ""


@pytest.mark.parametrize(
    ("code", "details", "safe"),
    [
        (grpc.StatusCode.UNAVAILABLE, [info("UPSTREAM_UNAVAILABLE")], True),
        (grpc.StatusCode.UNAVAILABLE, [], False),
        (grpc.StatusCode.UNAVAILABLE, [info("X", domain="mesh.example")], False),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, [info("RATE_LIMITED"), retry(7)], True),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, [info("RATE_LIMITED")], True),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, [info("GATEWAY_OVERLOADED")], True),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, [], False),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, [info("REQUEST_TOO_LARGE")], False),
        (grpc.StatusCode.UNKNOWN, [info("WRITE_OUTCOME_UNKNOWN")], False),
    ],
)
def test_knows_what_is_safe_to_retry(code, details, safe):
    assert ApiKeysError(Failure(code, *details)).is_safe_to_retry is safe

    assert ApiKeysError(Failure(code, *details)).is_known_not_applied is safe


@pytest.mark.parametrize(
    ("detail", "known"),
    [
        (info("DEADLINE_EXCEEDED", write_sent="false"), True),
        (info("DEADLINE_EXCEEDED", write_sent="true"), False),
        (info("DEADLINE_EXCEEDED"), False),
        (info("DEADLINE_EXCEEDED", domain="mesh.example", write_sent="false"), False),
    ],
)
def test_knows_whether_a_write_was_sent(detail, known):
    error = ApiKeysError(Failure(grpc.StatusCode.DEADLINE_EXCEEDED, detail))
    assert (error.is_known_not_applied, error.is_safe_to_retry) == (known, False)


@pytest.mark.parametrize(("text", "status"), [("429", 429), ("", 0), ("4 2", 0), ("9" * 5000, 0), ("٤٢٩", 0)])
def test_reads_the_status_of_the_portal(text, status):
    assert ApiKeysError(Failure(grpc.StatusCode.INTERNAL, info("X", http_status=text))).http_status == status


@pytest.mark.parametrize(
    ("code", "details", "attempts", "shortest", "longest"),
    [
        (grpc.StatusCode.RESOURCE_EXHAUSTED, [info("RATE_LIMITED")], 1, 0.5, 1),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, [info("RATE_LIMITED")], 3, 2, 4),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, [info("RATE_LIMITED")], 10_000, 15, 30),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, [info("RATE_LIMITED"), retry(7)], 1, 7, 7.2),
        (grpc.StatusCode.UNAVAILABLE, [info("UPSTREAM_UNAVAILABLE")], 2, 0, 0.4),
    ],
)
def test_backs_off_with_and_without_a_delay_of_the_gateway(code, details, attempts, shortest, longest):
    error = ApiKeysError(Failure(code, *details))
    for _ in range(100):
        assert shortest <= error.backoff(attempts).total_seconds() <= longest


@pytest.mark.parametrize(
    ("seconds", "nanos", "delay"),
    [
        (2**63 - 1, 2**31 - 1, timedelta(days=365)),
        (-(2**63), 0, None),
        (1, -1, None),
        (0, 0, timedelta(0)),
    ],
)
def test_clamps_the_delay_of_the_gateway(seconds, nanos, delay):
    detail = error_details_pb2.RetryInfo()
    detail.retry_delay.seconds = seconds
    detail.retry_delay.nanos = nanos
    error = ApiKeysError(Failure(grpc.StatusCode.UNAVAILABLE, detail, info("UPSTREAM_UNAVAILABLE")))
    assert (error.retry_delay, error.reason) == (delay, "UPSTREAM_UNAVAILABLE")
    assert error.backoff(1000) >= (delay or timedelta(0))


def test_a_retry_info_may_lack_its_delay():
    assert ApiKeysError(Failure(grpc.StatusCode.UNAVAILABLE, error_details_pb2.RetryInfo())).retry_delay is None

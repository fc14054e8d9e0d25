"""What a call that failed says, decoded from its rich status."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

_DOMAIN = "apikeys.docspace.onlyoffice.com"


def _delay(retry: error_details_pb2.RetryInfo) -> timedelta | None:
    """A message may hold any number: a year is as good as never, and what is negative is no delay."""
    delay = retry.retry_delay
    if not retry.HasField("retry_delay") or delay.seconds < 0 or delay.nanos < 0:
        return None
    return min(timedelta(seconds=min(delay.seconds, 10**9), microseconds=delay.nanos // 1000), timedelta(days=365))


@dataclass(frozen=True)
class FieldViolation:
    """A field that was refused, named as in the proto, and why."""

    field: str
    description: str


class ApiKeysError(grpc.RpcError):
    """A call that failed. `code()` and `details()` are those of every error of gRPC.

    reason: `RATE_LIMITED`, `KEY_NOT_FOUND`, …; empty where gRPC itself made the error.
    domain: of the reason; `apikeys.docspace.onlyoffice.com` where the gateway made the error.
    metadata: of the reason: `http_status`, `upstream_type`, `request_id`, … where they are known.
    field_violations: what to correct after INVALID_ARGUMENT.
    retry_delay: how long to wait at least before another try; None where nothing is said of it.
    """

    def __init__(self, error: Any) -> None:
        self._code: grpc.StatusCode = error.code()
        self._details: str = error.details() or ""
        self.reason = ""
        self.domain = ""
        self.metadata: Mapping[str, str] = {}
        self.field_violations: tuple[FieldViolation, ...] = ()
        self.retry_delay: timedelta | None = None
        for name, value in error.trailing_metadata() or ():
            if name == "grpc-status-details-bin":
                self._decode(value)
        super().__init__(f"{self._code.name} {self.reason}: {self._details}")

    def code(self) -> grpc.StatusCode:
        return self._code

    def details(self) -> str:
        return self._details

    @property
    def request_id(self) -> str:
        """Finds the call in the gateway's log; empty where it is not known."""
        return self.metadata.get("request_id", "")

    @property
    def is_safe_to_retry(self) -> bool:
        """Whether another attempt, of a write too, cannot act twice and may succeed, after `backoff`."""
        if self.domain != _DOMAIN:
            return False
        if self._code == grpc.StatusCode.RESOURCE_EXHAUSTED:
            return self.reason in ("RATE_LIMITED", "GATEWAY_OVERLOADED")
        return self._code == grpc.StatusCode.UNAVAILABLE

    def backoff(self, attempts: int) -> timedelta:
        """How long to wait before the next attempt, when `attempts` have been made so far.

        `retry_delay` and a random part of a time that doubles with each attempt, from 200 ms to 30 s. Most rate
        limits of a portal say no delay: then the time doubles from 1 s, and at least half of it is waited.
        """
        limited = self._code == grpc.StatusCode.RESOURCE_EXHAUSTED and self.retry_delay is None
        doublings = min(max(attempts - 1, 0), 16)
        ceiling = min(30.0, (1.0 if limited else 0.2) * 2.0**doublings)
        if limited:
            return timedelta(seconds=random.uniform(ceiling / 2, ceiling))
        return (self.retry_delay or timedelta()) + timedelta(seconds=random.uniform(0, ceiling))

    def _decode(self, octets: bytes) -> None:
        info = error_details_pb2.ErrorInfo()
        bad_request = error_details_pb2.BadRequest()
        retry = error_details_pb2.RetryInfo()
        try:
            for detail in status_pb2.Status.FromString(octets).details:
                if detail.Unpack(info):
                    self.reason, self.domain, self.metadata = info.reason, info.domain, dict(info.metadata)
                elif detail.Unpack(bad_request):
                    self.field_violations = tuple(
                        FieldViolation(violation.field, violation.description)
                        for violation in bad_request.field_violations
                    )
                elif detail.Unpack(retry):
                    self.retry_delay = _delay(retry)
        except DecodeError:
            pass  # Code and message stay.

"""The error of a failed call, read from its rich status."""

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

DOMAIN = "apikeys.docspace.onlyoffice.com"
"""The domain of the gateway's own errors."""


def _delay(retry: error_details_pb2.RetryInfo) -> timedelta | None:
    """A message may hold any number: the limit is a year, and a negative delay is none."""
    delay = retry.retry_delay
    if not retry.HasField("retry_delay") or delay.seconds < 0 or delay.nanos < 0:
        return None
    return min(timedelta(seconds=min(delay.seconds, 10**9), microseconds=delay.nanos // 1000), timedelta(days=365))


@dataclass(frozen=True)
class FieldViolation:
    """A field that was refused, named as in the proto, and the reason."""

    field: str
    description: str


@dataclass(frozen=True)
class QuotaViolation:
    """A limit that was exceeded, and whom it applies to."""

    subject: str
    description: str


class ApiKeysError(grpc.RpcError):
    """The error of a failed call. `code()` and `details()` are those of every error of gRPC.

    reason: `RATE_LIMITED`, `KEY_NOT_FOUND`, …; empty if gRPC itself made the error.
    domain: the domain of the reason; `DOMAIN` if the gateway made the error.
    metadata: the metadata of the reason: `http_status`, `upstream_type`, `request_id`, … if they are known.
    field_violations: the fields to correct after INVALID_ARGUMENT.
    quota_violations: the limits that were exceeded.
    retry_delay: the least time to wait before another attempt; None if the gateway states none.
    """

    def __init__(self, error: Any) -> None:
        self._code: grpc.StatusCode = error.code()
        self._details: str = error.details() or ""
        self.reason = ""
        self.domain = ""
        self.metadata: Mapping[str, str] = {}
        self.field_violations: tuple[FieldViolation, ...] = ()
        self.quota_violations: tuple[QuotaViolation, ...] = ()
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
        """The id of the call in the gateway's log; empty if it is not known."""
        return self.metadata.get("request_id", "")

    @property
    def http_status(self) -> int:
        """The status of the portal's response to the gateway; 0 if there was none."""
        text = self.metadata.get("http_status", "")
        return int(text) if re.fullmatch("[0-9]{3}", text) else 0

    @property
    def is_from_gateway(self) -> bool:
        """Whether the gateway made the error. If not, gRPC did, and the gateway may or may not have the call."""
        return self.domain == DOMAIN

    @property
    def is_known_not_applied(self) -> bool:
        """Whether the gateway has stated that the portal did not carry out the call.

        It states it by UNAVAILABLE, by RATE_LIMITED or GATEWAY_OVERLOADED, or by `write_sent` "false" after a
        deadline or a cancellation. False means only that nothing is known.
        """
        return self.is_safe_to_retry or (self.is_from_gateway and self.metadata.get("write_sent") == "false")

    @property
    def is_safe_to_retry(self) -> bool:
        """Whether another attempt, of a write too, cannot act twice and may succeed, after `backoff`."""
        if not self.is_from_gateway:
            return False
        if self._code == grpc.StatusCode.RESOURCE_EXHAUSTED:
            return self.reason in ("RATE_LIMITED", "GATEWAY_OVERLOADED")
        return self._code == grpc.StatusCode.UNAVAILABLE

    def backoff(self, attempts: int) -> timedelta:
        """Returns how long to wait before the next attempt, after `attempts` attempts.

        The wait is `retry_delay` and a random part of a time that doubles with each attempt, from 200 ms to 30 s.
        Most rate limits of a portal state no delay: then the time doubles from 1 s, and the wait is at least half.
        """
        limited = self._code == grpc.StatusCode.RESOURCE_EXHAUSTED and self.retry_delay is None
        doublings = min(max(attempts - 1, 0), 16)
        ceiling = min(30.0, (1.0 if limited else 0.2) * 2.0**doublings)
        if limited:
            return timedelta(seconds=random.uniform(ceiling / 2, ceiling))
        return (self.retry_delay or timedelta()) + timedelta(seconds=random.uniform(0, ceiling))

    def _decode(self, data: bytes) -> None:
        info = error_details_pb2.ErrorInfo()
        bad_request = error_details_pb2.BadRequest()
        quota = error_details_pb2.QuotaFailure()
        retry = error_details_pb2.RetryInfo()
        try:
            for detail in status_pb2.Status.FromString(data).details:
                if detail.Unpack(info):
                    self.reason, self.domain, self.metadata = info.reason, info.domain, dict(info.metadata)
                elif detail.Unpack(bad_request):
                    self.field_violations = tuple(
                        FieldViolation(violation.field, violation.description)
                        for violation in bad_request.field_violations
                    )
                elif detail.Unpack(quota):
                    self.quota_violations = tuple(
                        QuotaViolation(violation.subject, violation.description) for violation in quota.violations
                    )
                elif detail.Unpack(retry):
                    self.retry_delay = _delay(retry)
        except DecodeError:
            pass  # Code and message remain.

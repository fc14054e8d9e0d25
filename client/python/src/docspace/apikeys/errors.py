"""What a call that failed says, decoded from its rich status."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

_DOMAIN = "apikeys.docspace.onlyoffice.com"


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
        """Whether another try, of a write too, cannot act twice and may succeed, after `retry_delay`."""
        if self.domain != _DOMAIN:
            return False
        if self._code == grpc.StatusCode.RESOURCE_EXHAUSTED:
            return self.retry_delay is not None
        return self._code == grpc.StatusCode.UNAVAILABLE

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
                    self.retry_delay = retry.retry_delay.ToTimedelta()
        except (DecodeError, OverflowError):
            pass  # Code and message stay.

package apikeys

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Domain is the domain of the gateway's own errors.
const Domain = "apikeys.docspace.onlyoffice.com"

const longestDelay = 365 * 24 * time.Hour

// An Error is the error of a failed call. [AsError] and [errors.As] find it in an error; [status.FromError] and
// [status.Code] accept it.
type Error struct {
	Code    codes.Code
	Message string
	// Reason is RATE_LIMITED, KEY_NOT_FOUND, …; empty if gRPC itself made the error.
	Reason string
	// Domain is the domain of the reason: [Domain] if the gateway made the error.
	Domain string
	// Metadata belongs to the reason: http_status, upstream_type, request_id, … if they are known.
	Metadata map[string]string
	// FieldViolations are the fields to correct after InvalidArgument.
	FieldViolations []FieldViolation
	// QuotaViolations are the limits that were exceeded.
	QuotaViolations []QuotaViolation

	retryDelay    time.Duration
	hasRetryDelay bool
	status        *status.Status
}

// A FieldViolation is a field that was refused, named as in the proto, and the reason.
type FieldViolation struct {
	Field       string
	Description string
}

// A QuotaViolation is a limit that was exceeded, and whom it applies to.
type QuotaViolation struct {
	Subject     string
	Description string
}

// AsError returns the [Error] in err, or nil.
func AsError(err error) *Error {
	var found *Error
	errors.As(err, &found)
	return found
}

// Error implements error.
func (e *Error) Error() string { return fmt.Sprintf("%v %s: %s", e.Code, e.Reason, e.Message) }

// GRPCStatus returns gRPC's own status.
func (e *Error) GRPCStatus() *status.Status { return e.status }

// RequestID returns the id of the call in the gateway's log; empty if it is not known.
func (e *Error) RequestID() string { return e.Metadata["request_id"] }

// HTTPStatus returns the status of the portal's response to the gateway; 0 if there was none.
func (e *Error) HTTPStatus() int {
	httpStatus, err := strconv.Atoi(e.Metadata["http_status"])
	if err != nil {
		return 0
	}
	return httpStatus
}

// RetryDelay returns the least time to wait before another attempt, and whether the gateway states one.
func (e *Error) RetryDelay() (delay time.Duration, ok bool) { return e.retryDelay, e.hasRetryDelay }

// IsFromGateway reports whether the gateway made the error. If not, gRPC did, and the gateway may or may not have
// received the call.
func (e *Error) IsFromGateway() bool { return e.Domain == Domain }

// IsKnownNotApplied reports whether the gateway has stated that the portal did not carry out the call: by
// Unavailable, by RATE_LIMITED or GATEWAY_OVERLOADED, or by write_sent "false" after a deadline or a cancellation.
// False means only that nothing is known.
func (e *Error) IsKnownNotApplied() bool {
	return e.SafeToRetry() || e.IsFromGateway() && e.Metadata["write_sent"] == "false"
}

// SafeToRetry reports whether another attempt, of a write too, cannot act twice and may succeed. Wait for
// [Error.Backoff] before the attempt.
func (e *Error) SafeToRetry() bool {
	if !e.IsFromGateway() {
		return false
	}
	switch e.Code {
	case codes.Unavailable:
		return true
	case codes.ResourceExhausted:
		return e.Reason == "RATE_LIMITED" || e.Reason == "GATEWAY_OVERLOADED"
	default:
		return false
	}
}

// Backoff returns how long to wait before the next attempt, after the given number of attempts: the gateway's delay
// and a random part of a time that doubles with each attempt, from 200 ms to 30 s. Most rate limits of a portal
// state no delay: then the time doubles from 1 s, and the wait is at least half of it.
func (e *Error) Backoff(attempts int) time.Duration {
	const longest = 30 * time.Second
	limited := e.Code == codes.ResourceExhausted && !e.hasRetryDelay
	ceiling := 200 * time.Millisecond
	if limited {
		ceiling = time.Second
	}
	for ; attempts > 1 && ceiling < longest; attempts-- {
		ceiling = min(2*ceiling, longest)
	}
	if limited {
		return ceiling/2 + rand.N(ceiling/2)
	}
	return e.retryDelay + rand.N(ceiling)
}

func newError(err error) error {
	if err == nil {
		return nil
	}
	failed := status.Convert(err)
	e := &Error{Code: failed.Code(), Message: failed.Message(), status: failed}
	for _, detail := range failed.Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			e.Reason, e.Domain, e.Metadata = detail.GetReason(), detail.GetDomain(), detail.GetMetadata()
		case *errdetails.BadRequest:
			for _, violation := range detail.GetFieldViolations() {
				e.FieldViolations = append(
					e.FieldViolations, FieldViolation{violation.GetField(), violation.GetDescription()})
			}
		case *errdetails.QuotaFailure:
			for _, violation := range detail.GetViolations() {
				e.QuotaViolations = append(
					e.QuotaViolations, QuotaViolation{violation.GetSubject(), violation.GetDescription()})
			}
		case *errdetails.RetryInfo:
			// A message may hold any number: the limit is a year, and a negative delay is none.
			delay := detail.GetRetryDelay()
			if delay != nil && delay.GetSeconds() >= 0 && delay.GetNanos() >= 0 {
				e.retryDelay, e.hasRetryDelay = min(delay.AsDuration(), longestDelay), true
			}
		}
	}
	return e
}

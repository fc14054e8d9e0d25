package apikeys

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const (
	domain       = "apikeys.docspace.onlyoffice.com"
	longestDelay = 365 * 24 * time.Hour
)

// An Error is a call that failed; get it from an error with [AsError] or [errors.As]. [status.FromError] and
// [status.Code] take it too.
type Error struct {
	Code    codes.Code
	Message string
	// Reason is RATE_LIMITED, KEY_NOT_FOUND, …; empty where gRPC itself made the error.
	Reason string
	// Domain is the reason's: apikeys.docspace.onlyoffice.com where the gateway made the error.
	Domain string
	// Metadata is the reason's: http_status, upstream_type, request_id, … where they are known.
	Metadata map[string]string
	// FieldViolations are what to correct after InvalidArgument.
	FieldViolations []FieldViolation
	// RetryDelay is how long to wait at least before another try; zero where nothing is said of it.
	RetryDelay time.Duration

	hasRetryDelay bool
	status        *status.Status
}

// A FieldViolation is a field that was refused, named as in the proto, and why.
type FieldViolation struct {
	Field       string
	Description string
}

// AsError finds the [Error] in err, or nil.
func AsError(err error) *Error {
	var found *Error
	errors.As(err, &found)
	return found
}

// Error implements error.
func (e *Error) Error() string { return fmt.Sprintf("%v %s: %s", e.Code, e.Reason, e.Message) }

// GRPCStatus is the status as gRPC has it.
func (e *Error) GRPCStatus() *status.Status { return e.status }

// RequestID finds the call in the gateway's log; empty where it is not known.
func (e *Error) RequestID() string { return e.Metadata["request_id"] }

// SafeToRetry reports whether another attempt, of a write too, cannot act twice and may succeed. Wait for
// [Error.Backoff] before it.
func (e *Error) SafeToRetry() bool {
	if e.Domain != domain {
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

// Backoff returns how long to wait before the next attempt, when attempts have been made so far: RetryDelay
// and a random part of a time that doubles with each attempt, from 200 ms to 30 s. Most rate limits of a
// portal say no delay: then the time doubles from 1 s, and at least half of it is waited.
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
	return e.RetryDelay + rand.N(ceiling)
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
		case *errdetails.RetryInfo:
			// A message may hold any number: a year is as good as never, and what is negative is no delay.
			delay := detail.GetRetryDelay()
			if delay != nil && delay.GetSeconds() >= 0 && delay.GetNanos() >= 0 {
				e.RetryDelay, e.hasRetryDelay = min(delay.AsDuration(), longestDelay), true
			}
		}
	}
	return e
}

package apikeys

import (
	"errors"
	"fmt"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const domain = "apikeys.docspace.onlyoffice.com"

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

// SafeToRetry is whether another try, of a write too, cannot act twice and may succeed, after RetryDelay.
func (e *Error) SafeToRetry() bool {
	if e.Domain != domain {
		return false
	}
	return e.Code == codes.Unavailable || e.Code == codes.ResourceExhausted && e.hasRetryDelay
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
			e.RetryDelay, e.hasRetryDelay = detail.GetRetryDelay().AsDuration(), true
		}
	}
	return e
}

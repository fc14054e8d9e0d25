package apikeys

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"
)

func failure(t *testing.T, code codes.Code, details ...protoadapt.MessageV1) error {
	t.Helper()
	failed, err := status.New(code, "it failed").WithDetails(details...)
	if err != nil {
		t.Fatal(err)
	}
	return newError(failed.Err())
}

func info(reason string) *errdetails.ErrorInfo {
	return &errdetails.ErrorInfo{Reason: reason, Domain: Domain, Metadata: map[string]string{
		"request_id": "7", "http_status": "429",
	}}
}

func retry(delay time.Duration) *errdetails.RetryInfo {
	return &errdetails.RetryInfo{RetryDelay: durationpb.New(delay)}
}

func TestErrorDecodesWhatTheGatewaySays(t *testing.T) {
	violations := &errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{
		{Field: "name", Description: "is too long"},
	}}
	quota := &errdetails.QuotaFailure{Violations: []*errdetails.QuotaFailure_Violation{
		{Subject: "user", Description: "5 in 15 minutes"},
	}}
	err := fmt.Errorf("wrapped: %w", failure(
		t, codes.InvalidArgument, info("INVALID_REQUEST"), violations, quota, retry(1500*time.Millisecond)))
	e := AsError(err)
	if e == nil || e.Code != codes.InvalidArgument || e.Message != "it failed" || e.Reason != "INVALID_REQUEST" ||
		e.Domain != Domain || !e.IsFromGateway() || e.RequestID() != "7" || e.HTTPStatus() != 429 ||
		!slices.Equal(e.QuotaViolations, []QuotaViolation{{"user", "5 in 15 minutes"}}) ||
		!slices.Equal(e.FieldViolations, []FieldViolation{{"name", "is too long"}}) {
		t.Errorf("decoded %#v", e)
	}
	if delay, ok := e.RetryDelay(); !ok || delay != 1500*time.Millisecond {
		t.Errorf("the delay is %v, %v", delay, ok)
	}
	if e.Error() != "InvalidArgument INVALID_REQUEST: it failed" {
		t.Errorf("says %q", e)
	}
	if status.Code(err) != codes.InvalidArgument {
		t.Errorf("is no error of gRPC's, but %v", status.Code(err))
	}
}

func TestErrorPassesOverDetailsThatCannotBeRead(t *testing.T) {
	broken := &anypb.Any{TypeUrl: "type.googleapis.com/google.rpc.ErrorInfo", Value: []byte{0xff}}
	unknown := &anypb.Any{TypeUrl: "type.googleapis.com/example.Unknown"}
	e := AsError(newError(status.FromProto(&spb.Status{
		Code: int32(codes.Internal), Details: []*anypb.Any{broken, unknown},
	}).Err()))
	if e == nil || e.Code != codes.Internal || e.Reason != "" {
		t.Errorf("decoded %#v", e)
	}
}

func TestErrorKnowsWhatIsSafeToRetry(t *testing.T) {
	foreign := info("X")
	foreign.Domain = "mesh.example"
	unsent := info("DEADLINE_EXCEEDED")
	unsent.Metadata["write_sent"] = "false"
	sent := info("DEADLINE_EXCEEDED")
	sent.Metadata["write_sent"] = "true"
	foreignUnsent := info("DEADLINE_EXCEEDED")
	foreignUnsent.Domain, foreignUnsent.Metadata["write_sent"] = "mesh.example", "false"
	for _, test := range []struct {
		err                   error
		safe, knownNotApplied bool
	}{
		{failure(t, codes.Unavailable, info("UPSTREAM_UNAVAILABLE")), true, true},
		{failure(t, codes.Unavailable), false, false},
		{failure(t, codes.Unavailable, foreign), false, false},
		{failure(t, codes.ResourceExhausted, info("RATE_LIMITED"), retry(7*time.Second)), true, true},
		{failure(t, codes.ResourceExhausted, info("RATE_LIMITED")), true, true},
		{failure(t, codes.ResourceExhausted, info("GATEWAY_OVERLOADED")), true, true},
		{failure(t, codes.ResourceExhausted), false, false},
		{failure(t, codes.ResourceExhausted, info("REQUEST_TOO_LARGE")), false, false},
		{failure(t, codes.Unknown, info("WRITE_OUTCOME_UNKNOWN")), false, false},
		{failure(t, codes.DeadlineExceeded, unsent), false, true},
		{failure(t, codes.DeadlineExceeded, sent), false, false},
		{failure(t, codes.DeadlineExceeded, foreignUnsent), false, false},
	} {
		e := AsError(test.err)
		if e.SafeToRetry() != test.safe || e.IsKnownNotApplied() != test.knownNotApplied {
			t.Errorf("%v: %v, %v", test.err, e.SafeToRetry(), e.IsKnownNotApplied())
		}
	}
}

func TestErrorBacksOffWithAndWithoutADelayOfTheGateways(t *testing.T) {
	for _, test := range []struct {
		err             error
		attempts        int
		shortest, below time.Duration
	}{
		{failure(t, codes.ResourceExhausted, info("RATE_LIMITED")), 1, 500 * time.Millisecond, time.Second},
		{failure(t, codes.ResourceExhausted, info("RATE_LIMITED")), 3, 2 * time.Second, 4 * time.Second},
		{failure(t, codes.ResourceExhausted, info("RATE_LIMITED")), 1000, 15 * time.Second, 30 * time.Second},
		{failure(t, codes.ResourceExhausted, info("RATE_LIMITED"), retry(7*time.Second)), 1, 7 * time.Second, 7200 * time.Millisecond},
		{failure(t, codes.Unavailable, info("UPSTREAM_UNAVAILABLE")), 2, 0, 400 * time.Millisecond},
	} {
		for range 100 {
			if wait := AsError(test.err).Backoff(test.attempts); wait < test.shortest || wait >= test.below {
				t.Errorf("%v after %d attempts: waits %v", test.err, test.attempts, wait)
			}
		}
	}
}

func TestErrorClampsTheDelayOfTheGateway(t *testing.T) {
	for _, test := range []struct {
		delay *durationpb.Duration
		read  time.Duration
		has   bool
	}{
		{&durationpb.Duration{Seconds: math.MaxInt64, Nanos: math.MaxInt32}, longestDelay, true},
		{&durationpb.Duration{Seconds: math.MinInt64}, 0, false},
		{&durationpb.Duration{Seconds: 1, Nanos: -1}, 0, false},
		{nil, 0, false},
	} {
		e := AsError(failure(t, codes.Unavailable, info("X"), &errdetails.RetryInfo{RetryDelay: test.delay}))
		if delay, ok := e.RetryDelay(); delay != test.read || ok != test.has || e.Backoff(1000) < test.read {
			t.Errorf("%v is %v, %v, %v", test.delay, delay, ok, e.Backoff(1000))
		}
	}
}

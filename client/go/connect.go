package apikeys

import (
	"context"
	"crypto/tls"
	"errors"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
)

// gRPC repeats reads after UNAVAILABLE. It does not repeat writes, because it cannot tell whether an UNAVAILABLE is
// the gateway's: see [Error.SafeToRetry].
const serviceConfig = `{
  "loadBalancingConfig": [{"round_robin": {}}],
  "methodConfig": [{
    "name": [
      {"service": "docspace.apikeys.v1.ApiKeys", "method": "GetAllPermissions"},
      {"service": "docspace.apikeys.v1.ApiKeys", "method": "GetApiKey"},
      {"service": "docspace.apikeys.v1.ApiKeys", "method": "GetApiKeys"}
    ],
    "retryPolicy": {
      "maxAttempts": 4,
      "initialBackoff": "0.2s",
      "maxBackoff": "5s",
      "backoffMultiplier": 2,
      "retryableStatusCodes": ["UNAVAILABLE"]
    }
  }]
}`

const (
	// A list of 10,000 keys is about twice gRPC's default limit.
	longestResponse = 64 << 20
	defaultTimeout  = 30 * time.Second
)

// An Option changes a default of [Connect].
type Option func(*settings)

type settings struct {
	tls                  *tls.Config
	hasTLS               bool
	plaintext            bool
	allowRemotePlaintext bool
	credential           *Credential
	timeout              time.Duration
	dial                 []grpc.DialOption
}

// WithCredential adds the credential to every call.
func WithCredential(credential Credential) Option {
	return func(s *settings) { s.credential = &credential }
}

// WithTLS sets the authorities to trust, instead of the system's, and the certificate to present.
func WithTLS(config *tls.Config) Option {
	return func(s *settings) { s.tls, s.hasTLS = config, true }
}

// WithPlaintext turns off encryption, of the credential too. [Connect] refuses it for a gateway on another machine,
// unless [AllowRemotePlaintext] is given too.
func WithPlaintext() Option {
	return func(s *settings) { s.plaintext = true }
}

// AllowRemotePlaintext lets [WithPlaintext] reach other machines. It is for networks that encrypt their traffic, such
// as a service mesh. On other networks everyone on the path can read the credential.
func AllowRemotePlaintext() Option {
	return func(s *settings) { s.allowRemotePlaintext = true }
}

// WithTimeout sets the deadline of calls whose context has none, retries included. The default is 30 s.
func WithTimeout(timeout time.Duration) Option {
	return func(s *settings) { s.timeout = timeout }
}

// WithDialOptions passes options to gRPC itself.
func WithDialOptions(options ...grpc.DialOption) Option {
	return func(s *settings) { s.dial = append(s.dial, options...) }
}

// Connect returns a connection to the gateway at target, host:port or any other target of gRPC. It does not wait: the
// first call connects. Calls fail with an [*Error].
//
// Connect fails if both [WithTLS] and [WithPlaintext] are given, or if [WithPlaintext] would reach another
// machine. A service config from DNS is never used, because a retry policy in it would repeat writes.
func Connect(target string, options ...Option) (*grpc.ClientConn, error) {
	s := settings{timeout: defaultTimeout}
	for _, option := range options {
		option(&s)
	}
	transport, err := s.transport(target)
	if err != nil {
		return nil, err
	}
	return grpc.NewClient(target, append([]grpc.DialOption{
		grpc.WithTransportCredentials(transport),
		grpc.WithDisableServiceConfig(),
		grpc.WithDefaultServiceConfig(serviceConfig),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(longestResponse)),
		grpc.WithChainUnaryInterceptor(s.intercept),
	}, s.dial...)...)
}

func (s *settings) transport(target string) (credentials.TransportCredentials, error) {
	switch {
	case !s.plaintext:
		return credentials.NewTLS(s.tls), nil
	case s.hasTLS:
		return nil, errors.New("WithTLS and WithPlaintext exclude each other")
	case !s.allowRemotePlaintext && !isLoopback(target):
		return nil, errors.New("plaintext would show the credential to other machines: use TLS, or AllowRemotePlaintext")
	default:
		return insecure.NewCredentials(), nil
	}
}

func (s *settings) intercept(
	ctx context.Context, method string, request, reply any,
	connection *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption,
) error {
	if _, bounded := ctx.Deadline(); !bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, s.timeout)
		defer cancel()
	}
	if s.credential != nil {
		ctx = metadata.AppendToOutgoingContext(ctx, s.credential.name, s.credential.value.Reveal())
	}
	return newError(invoke(ctx, method, request, reply, connection, options...))
}

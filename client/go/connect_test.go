package apikeys_test

import (
	"context"
	"net"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"docspace.dev/apikeys"
	apikeysv1 "docspace.dev/apikeys/v1"
)

// gateway remembers the last call it was sent, and how many there were.
type gateway struct {
	apikeysv1.UnimplementedApiKeysServer
	calls     int
	failures  int
	metadata  metadata.MD
	remaining time.Duration
}

func (g *gateway) GetApiKeys(ctx context.Context, _ *apikeysv1.GetApiKeysRequest) (*apikeysv1.GetApiKeysResponse, error) {
	g.calls++
	g.metadata, _ = metadata.FromIncomingContext(ctx)
	deadline, _ := ctx.Deadline()
	g.remaining = time.Until(deadline)
	return &apikeysv1.GetApiKeysResponse{Count: proto.Int32(1)}, nil
}

// CreateApiKey fails as a write does whose outcome is unknown.
func (g *gateway) CreateApiKey(context.Context, *apikeysv1.CreateApiKeyRequest) (*apikeysv1.CreateApiKeyResponse, error) {
	g.calls++
	if g.failures--; g.failures >= 0 {
		return nil, status.Error(codes.Unknown, "perhaps")
	}
	return &apikeysv1.CreateApiKeyResponse{}, nil
}

// serve returns a gateway and its address.
func serve(t *testing.T) (*gateway, string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g, server := &gateway{}, grpc.NewServer()
	apikeysv1.RegisterApiKeysServer(server, g)
	go server.Serve(listener)
	t.Cleanup(server.Stop)
	return g, listener.Addr().String()
}

func connect(t *testing.T, target string, options ...apikeys.Option) apikeysv1.ApiKeysClient {
	t.Helper()
	connection, err := apikeys.Connect(target, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	return apikeysv1.NewApiKeysClient(connection)
}

func TestConnectSendsCredentialMetadataAndTheDefaultDeadline(t *testing.T) {
	credential, err := apikeys.APIKey("sk-1")
	if err != nil {
		t.Fatal(err)
	}
	g, target := serve(t)
	intercepted := false
	keys := connect(t, target, apikeys.WithPlaintext(), apikeys.WithCredential(credential), apikeys.WithTimeout(100*time.Second),
		apikeys.WithDialOptions(grpc.WithUnaryInterceptor(func(
			ctx context.Context, method string, request, reply any,
			connection *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption,
		) error {
			intercepted = true
			return invoke(ctx, method, request, reply, connection, options...)
		})))
	ctx := metadata.AppendToOutgoingContext(t.Context(), "x-request-id", "9")
	if _, err := keys.GetApiKeys(ctx, &apikeysv1.GetApiKeysRequest{}); err != nil {
		t.Fatal(err)
	}
	if key, id := g.metadata["apikeybearer"], g.metadata["x-request-id"]; len(key) != 1 || key[0] != "sk-1" || len(id) != 1 || id[0] != "9" {
		t.Errorf("got metadata %v", g.metadata)
	}
	if !intercepted {
		t.Error("an interceptor of the user's was lost")
	}
	if g.remaining > 110*time.Second || g.remaining < 50*time.Second {
		t.Errorf("got %v", g.remaining)
	}
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	if _, err := keys.GetApiKeys(ctx, &apikeysv1.GetApiKeysRequest{}); err != nil || g.remaining > 50*time.Second {
		t.Errorf("got %v, %v", g.remaining, err)
	}
}

func TestConnectSpeaksTLSUnlessToldOtherwise(t *testing.T) {
	g, target := serve(t)
	keys := connect(t, target, apikeys.WithTimeout(10*time.Second))
	_, err := keys.CreateApiKey(t.Context(), &apikeysv1.CreateApiKeyRequest{})
	if status.Code(err) != codes.Unavailable || g.metadata != nil {
		t.Errorf("got %v", err)
	}
}

func TestConnectSpreadsCallsOverAllAddresses(t *testing.T) {
	one, first := serve(t)
	other, second := serve(t)
	addresses := manual.NewBuilderWithScheme("addresses")
	addresses.InitialState(resolver.State{Addresses: []resolver.Address{{Addr: first}, {Addr: second}}})
	keys := connect(t, "addresses:///", apikeys.WithPlaintext(), apikeys.AllowRemotePlaintext(), apikeys.WithDialOptions(grpc.WithResolvers(addresses)))
	// The pace at which they are connected is gRPC's.
	for range 10_000 {
		if _, err := keys.GetApiKeys(t.Context(), &apikeysv1.GetApiKeysRequest{}); err != nil {
			t.Fatal(err)
		}
		if one.calls > 0 && other.calls > 0 {
			return
		}
	}
	t.Errorf("got %d and %d", one.calls, other.calls)
}

func TestConnectRefusesPlaintextToAnotherMachine(t *testing.T) {
	for target, loopback := range map[string]bool{
		"localhost:50051":                 true,
		"LOCALHOST":                       true,
		"127.0.0.1:50051":                 true,
		"127.8.9.10:50051":                true,
		"[::1]:50051":                     true,
		"dns:localhost:50051":             true,
		"dns:///localhost:50051":          true,
		"dns://192.0.2.53/localhost:1":    true,
		"passthrough:///127.0.0.1:1":      true,
		"unix:/run/gateway.socket":        true,
		"unix-abstract:gateway":           true,
		"gateway.example:50051":           false,
		"192.0.2.1:50051":                 false,
		"[2001:db8::1]:50051":             false,
		"0.0.0.0:50051":                   false,
		"localhost.example:50051":         false,
		"127.0.0.1.example:50051":         false,
		"dns:///gateway.example:50051":    false,
		"dns://localhost/gateway.example": false,
		"dns:////localhost:1":             false,
		"xds:///localhost":                false,
		"":                                false,
	} {
		connection, err := apikeys.Connect(target, apikeys.WithPlaintext())
		if (err == nil) != loopback {
			t.Errorf("%q: %v", target, err)
		}
		if err == nil {
			connection.Close()
		}
	}
	connection, err := apikeys.Connect("192.0.2.1:50051", apikeys.WithPlaintext(), apikeys.AllowRemotePlaintext())
	if err != nil {
		t.Fatal(err)
	}
	connection.Close()
}

func TestConnectRefusesTLSTogetherWithPlaintext(t *testing.T) {
	if _, err := apikeys.Connect("localhost:1", apikeys.WithPlaintext(), apikeys.WithTLS(nil)); err == nil {
		t.Error("not refused")
	}
}

// A resolver is where a service config from DNS comes in: what the contract suite shows with a name server.
func TestConnectIgnoresTheServiceConfigOfAResolver(t *testing.T) {
	g, target := serve(t)
	g.failures = 10
	addresses := manual.NewBuilderWithScheme("addresses")
	addresses.BuildCallback = func(_ resolver.Target, connection resolver.ClientConn, _ resolver.BuildOptions) {
		addresses.InitialState(resolver.State{
			Addresses: []resolver.Address{{Addr: target}},
			ServiceConfig: connection.ParseServiceConfig(`{"methodConfig": [{"name": [{}], "retryPolicy": {
				"maxAttempts": 5, "initialBackoff": "0.001s", "maxBackoff": "0.001s", "backoffMultiplier": 1,
				"retryableStatusCodes": ["UNKNOWN"]}}]}`),
		})
	}
	keys := connect(t, "addresses:///", apikeys.WithPlaintext(), apikeys.AllowRemotePlaintext(),
		apikeys.WithDialOptions(grpc.WithResolvers(addresses)))
	_, err := keys.CreateApiKey(t.Context(), &apikeysv1.CreateApiKeyRequest{})
	if status.Code(err) != codes.Unknown || g.calls != 1 {
		t.Errorf("%d calls, %v", g.calls, err)
	}
}

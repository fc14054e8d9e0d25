package apikeys_test

import (
	"context"
	"net"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"docspace.dev/apikeys"
	apikeysv1 "docspace.dev/apikeys/v1"
)

// gateway remembers the last call it was sent.
type gateway struct {
	apikeysv1.UnimplementedApiKeysServer
	metadata  metadata.MD
	remaining time.Duration
}

func (g *gateway) GetApiKeys(ctx context.Context, _ *apikeysv1.GetApiKeysRequest) (*apikeysv1.GetApiKeysResponse, error) {
	g.metadata, _ = metadata.FromIncomingContext(ctx)
	deadline, _ := ctx.Deadline()
	g.remaining = time.Until(deadline)
	return &apikeysv1.GetApiKeysResponse{Count: proto.Int32(1)}, nil
}

// serve returns a gateway and a client of it.
func serve(t *testing.T, options ...apikeys.Option) (*gateway, apikeysv1.ApiKeysClient) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g, server := &gateway{}, grpc.NewServer()
	apikeysv1.RegisterApiKeysServer(server, g)
	go server.Serve(listener)
	t.Cleanup(server.Stop)
	connection, err := apikeys.Connect(listener.Addr().String(), options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	return g, apikeysv1.NewApiKeysClient(connection)
}

func TestConnectSendsCredentialMetadataAndTheDefaultDeadline(t *testing.T) {
	credential, err := apikeys.APIKey("sk-1")
	if err != nil {
		t.Fatal(err)
	}
	g, keys := serve(t, apikeys.WithPlaintext(), apikeys.WithCredential(credential), apikeys.WithTimeout(25*time.Second))
	ctx := metadata.AppendToOutgoingContext(t.Context(), "x-request-id", "9")
	if _, err := keys.GetApiKeys(ctx, &apikeysv1.GetApiKeysRequest{}); err != nil {
		t.Fatal(err)
	}
	if key, id := g.metadata["apikeybearer"], g.metadata["x-request-id"]; len(key) != 1 || key[0] != "sk-1" || len(id) != 1 || id[0] != "9" {
		t.Errorf("got metadata %v", g.metadata)
	}
	if g.remaining > 25*time.Second || g.remaining < 20*time.Second {
		t.Errorf("got %v", g.remaining)
	}
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	if _, err := keys.GetApiKeys(ctx, &apikeysv1.GetApiKeysRequest{}); err != nil || g.remaining > 15*time.Second {
		t.Errorf("got %v, %v", g.remaining, err)
	}
}

func TestConnectSpeaksTLSUnlessToldOtherwise(t *testing.T) {
	g, keys := serve(t, apikeys.WithTimeout(10*time.Second))
	_, err := keys.CreateApiKey(t.Context(), &apikeysv1.CreateApiKeyRequest{})
	if status.Code(err) != codes.Unavailable || g.metadata != nil {
		t.Errorf("got %v", err)
	}
}

// The contract suite's runner for Go; tests/contract/README.md has the protocol.
package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"time"

	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"docspace.dev/apikeys"
	apikeysv1 "docspace.dev/apikeys/v1"
)

type call struct {
	Target string
	TLS    *struct {
		CAFile          string `json:"ca_file"`
		CertificateFile string `json:"certificate_file"`
		PrivateKeyFile  string `json:"private_key_file"`
	}
	RPC        string
	Request    json.RawMessage
	Credential map[string]json.RawMessage
	Metadata   map[string]string
	TimeoutMS  int64 `json:"timeout_ms"`

	AllowRemotePlaintext bool `json:"allow_remote_plaintext"`
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func (c *call) options() ([]apikeys.Option, error) {
	options := []apikeys.Option{apikeys.WithTimeout(time.Duration(c.TimeoutMS) * time.Millisecond)}
	if c.TLS == nil {
		options = append(options, apikeys.WithPlaintext())
	} else {
		config := &tls.Config{RootCAs: x509.NewCertPool()}
		config.RootCAs.AppendCertsFromPEM(must(os.ReadFile(c.TLS.CAFile)))
		if c.TLS.CertificateFile != "" {
			pair := must(tls.LoadX509KeyPair(c.TLS.CertificateFile, c.TLS.PrivateKeyFile))
			config.Certificates = []tls.Certificate{pair}
		}
		options = append(options, apikeys.WithTLS(config))
	}
	if c.AllowRemotePlaintext {
		options = append(options, apikeys.AllowRemotePlaintext())
	}
	for kind, value := range c.Credential {
		credential, err := credentialOf(kind, value)
		if err != nil {
			return nil, err
		}
		options = append(options, apikeys.WithCredential(credential))
	}
	return options, nil
}

func credentialOf(kind string, value json.RawMessage) (apikeys.Credential, error) {
	if kind == "basic" {
		var pair [2]string
		must(0, json.Unmarshal(value, &pair))
		return apikeys.Basic(pair[0], pair[1])
	}
	var token string
	must(0, json.Unmarshal(value, &token))
	switch kind {
	case "api_key":
		return apikeys.APIKey(token)
	case "bearer":
		return apikeys.Bearer(token)
	default:
		return apikeys.SessionCookie(token)
	}
}

// invoke calls one method of the generated client.
func invoke[Request, Response proto.Message](
	ctx context.Context, c *call, request Request,
	method func(context.Context, Request, ...grpc.CallOption) (Response, error),
) (proto.Message, error) {
	must(0, protojson.Unmarshal(c.Request, request))
	return method(ctx, request)
}

func (c *call) run() (proto.Message, error) {
	options, err := c.options()
	if err != nil {
		return nil, err
	}
	connection, err := apikeys.Connect(c.Target, options...)
	if err != nil {
		return nil, err
	}
	defer connection.Close()
	keys := apikeysv1.NewApiKeysClient(connection)
	ctx := context.Background()
	for name, value := range c.Metadata {
		ctx = metadata.AppendToOutgoingContext(ctx, name, value)
	}
	switch c.RPC {
	case "CreateApiKey":
		return invoke(ctx, c, &apikeysv1.CreateApiKeyRequest{}, keys.CreateApiKey)
	case "DeleteApiKey":
		return invoke(ctx, c, &apikeysv1.DeleteApiKeyRequest{}, keys.DeleteApiKey)
	case "GetAllPermissions":
		return invoke(ctx, c, &apikeysv1.GetAllPermissionsRequest{}, keys.GetAllPermissions)
	case "GetApiKey":
		return invoke(ctx, c, &apikeysv1.GetApiKeyRequest{}, keys.GetApiKey)
	case "GetApiKeys":
		return invoke(ctx, c, &apikeysv1.GetApiKeysRequest{}, keys.GetApiKeys)
	default:
		return invoke(ctx, c, &apikeysv1.UpdateApiKeyRequest{}, keys.UpdateApiKey)
	}
}

func failure(err error) map[string]any {
	e := apikeys.AsError(err)
	if e == nil {
		return map[string]any{"refused": err.Error()}
	}
	violations := []map[string]string{}
	for _, violation := range e.FieldViolations {
		violations = append(violations, map[string]string{"field": violation.Field, "description": violation.Description})
	}
	quotas := []map[string]string{}
	for _, violation := range e.QuotaViolations {
		quotas = append(quotas, map[string]string{"subject": violation.Subject, "description": violation.Description})
	}
	var delay any
	if stated, ok := e.RetryDelay(); ok {
		delay = stated.Seconds()
	}
	return map[string]any{"error": map[string]any{
		"code": code.Code(e.Code).String(), "message": e.Message, "reason": e.Reason, "domain": e.Domain,
		"metadata": e.Metadata, "field_violations": violations, "retry_delay": delay, "request_id": e.RequestID(),
		"quota_violations": quotas, "http_status": e.HTTPStatus(), "from_gateway": e.IsFromGateway(),
		"known_not_applied": e.IsKnownNotApplied(), "safe_to_retry": e.SafeToRetry(),
		"backoff": fmt.Sprintf("%f", e.Backoff(1).Seconds()),
	}}
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	answers := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var c call
		must(0, json.Unmarshal(lines.Bytes(), &c))
		var answer any
		if response, err := c.run(); err == nil {
			answer = map[string]any{"response": json.RawMessage(must(protojson.Marshal(response)))}
		} else {
			answer = failure(err)
		}
		must(0, answers.Encode(answer))
	}
}

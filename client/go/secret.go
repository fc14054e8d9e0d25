package apikeys

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"google.golang.org/protobuf/proto"

	apikeysv1 "docspace.dev/apikeys/v1"
)

// A Secret is a string that must not be printed or stored by accident. [Secret.Reveal] is the only way to
// its value. Its zero value is empty.
type Secret struct {
	// A function, because libraries that print by reflection read unexported strings too.
	reveal func() string
}

// TakeSecret moves the secret of a new key out of the response of CreateApiKey and leaves the masked form that later
// responses show. Call it before anything can print the response, because a message of Protobuf shows all its fields.
// The Secret is empty if the response has no secret, or if it has been taken already.
func TakeSecret(created *apikeysv1.CreateApiKeyResponse) Secret {
	value := created.GetApiKey().GetKey()
	if value == "" || strings.HasPrefix(value, "sk-***") {
		return Secret{}
	}
	created.ApiKey.Key = proto.String("sk-***" + value[max(0, len(value)-4):])
	return newSecret(value)
}

func newSecret(value string) Secret {
	return Secret{func() string { return value }}
}

// Reveal returns the value.
func (s Secret) Reveal() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}

// String implements [fmt.Stringer] and does not show the value.
func (s Secret) String() string { return "<Secret>" }

// Format implements [fmt.Formatter] for every verb and does not show the value.
func (s Secret) Format(state fmt.State, _ rune) { fmt.Fprint(state, s.String()) }

// LogValue implements [slog.LogValuer] and does not show the value.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText always fails, so that no encoder stores the value.
func (s Secret) MarshalText() ([]byte, error) {
	return nil, errors.New("a secret cannot be encoded: write what Reveal returns")
}

package apikeys

import (
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"strings"
)

// longest is the greatest number of bytes that the gateway accepts in a credential's metadata entry.
const longest = 16 << 10

// A Credential is the credential of a call, of one of the four kinds that a DocSpace portal accepts. No function that
// prints or encodes it shows its value.
//
// The functions below refuse, with an error that does not repeat the value, an empty value, one whose metadata entry is
// longer than 16 KiB, and a token with any other characters than visible ASCII.
type Credential struct {
	name  string
	value Secret
}

// APIKey is an API key, sk-….
func APIKey(key string) (Credential, error) {
	if !strings.HasPrefix(key, "sk-") {
		return Credential{}, errors.New("an API key begins with sk-")
	}
	return token("apikeybearer", "", key)
}

// Bearer is a JWT, an OAuth 2.0 access token or an OpenID Connect token, without a scheme word.
func Bearer(jwt string) (Credential, error) {
	return token("authorization", "Bearer ", jwt)
}

// Basic is a user's email and password. It refuses control characters, and a colon in the email.
func Basic(email, password string) (Credential, error) {
	if email == "" || strings.Contains(email, ":") || password == "" {
		return Credential{}, errors.New("Basic needs an email without a colon, and a password")
	}
	if strings.ContainsFunc(email+password, func(r rune) bool { return r < ' ' || r == 0x7F }) {
		return Credential{}, errors.New("the email or the password contains a control character")
	}
	return token("authorization", "Basic ", base64.StdEncoding.EncodeToString([]byte(email+":"+password)))
}

// SessionCookie is the value of the portal's asc_auth_key cookie. It refuses a semicolon.
func SessionCookie(value string) (Credential, error) {
	if strings.Contains(value, ";") {
		return Credential{}, errors.New("the session token contains a semicolon")
	}
	return token("asc_auth_key", "", value)
}

// String implements [fmt.Stringer] and does not show the value.
func (c Credential) String() string { return "<Credential " + c.name + ">" }

// Format implements [fmt.Formatter] for every verb and does not show the value.
func (c Credential) Format(state fmt.State, _ rune) { fmt.Fprint(state, c.String()) }

// LogValue implements [slog.LogValuer] and does not show the value.
func (c Credential) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalText always fails, so that no encoder stores the value.
func (c Credential) MarshalText() ([]byte, error) {
	return nil, errors.New("a credential cannot be encoded")
}

func token(name, prefix, value string) (Credential, error) {
	if value == "" || strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return Credential{}, errors.New("a token consists of visible ASCII characters, at least one")
	}
	if len(prefix)+len(value) > longest {
		return Credential{}, errors.New("the credential is longer than 16 KiB")
	}
	return Credential{name, newSecret(prefix + value)}, nil
}

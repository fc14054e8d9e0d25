package apikeys

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	apikeysv1 "docspace.dev/apikeys/v1"
)

func TestCredentialTravelsAsMetadata(t *testing.T) {
	for _, test := range []struct {
		make        func() (Credential, error)
		name, value string
	}{
		{func() (Credential, error) { return APIKey("sk-planted") }, "apikeybearer", "sk-planted"},
		{func() (Credential, error) { return Bearer("planted.e30.x") }, "authorization", "Bearer planted.e30.x"},
		{
			func() (Credential, error) { return Basic("ülo@portal.example", "planted:1") },
			"authorization", "Basic w7xsb0Bwb3J0YWwuZXhhbXBsZTpwbGFudGVkOjE=",
		},
		{func() (Credential, error) { return SessionCookie("planted") }, "asc_auth_key", "planted"},
	} {
		credential, err := test.make()
		if err != nil || credential.name != test.name || credential.value.Reveal() != test.value {
			t.Errorf("%s is %s, %v", test.value, credential.value.Reveal(), err)
		}
		checkHidden(t, credential, test.value)
	}
}

// checkHidden fails if something that prints or encodes shows the value.
func checkHidden(t *testing.T, hidden any, value string) {
	t.Helper()
	show := func(how, text string) {
		if strings.Contains(text, value) || strings.Contains(text, "planted") || strings.Contains(text, "706c616e746564") {
			t.Errorf("%s shows %s", how, text)
		}
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, printed := range []any{hidden, &hidden, struct{ Hidden any }{hidden}, []any{hidden}} {
			show(verb, fmt.Sprintf(verb, printed))
		}
	}
	show("reflection", dump(reflect.ValueOf(hidden)))
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("text", "hidden", hidden)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("json", "hidden", hidden)
	show("slog", log.String())
	if text, err := json.Marshal(hidden); err == nil {
		t.Errorf("JSON is %s", text)
	}
	if err := gob.NewEncoder(&log).Encode(hidden); err == nil {
		t.Error("gob encodes it")
	}
}

// dump prints as libraries do that look at unexported fields and know no Formatter.
func dump(value reflect.Value) string {
	switch value.Kind() {
	case reflect.String:
		return value.String()
	case reflect.Struct:
		text := ""
		for i := range value.NumField() {
			text += dump(value.Field(i)) + " "
		}
		return text
	default:
		return value.Kind().String()
	}
}

func TestTakeSecretMovesTheSecretOutOfTheAnswer(t *testing.T) {
	const value = "sk-planted0123456789abcd"
	created := &apikeysv1.CreateApiKeyResponse{ApiKey: &apikeysv1.ApiKey{Id: proto.String("7"), Key: proto.String(value)}}
	secret := TakeSecret(created)
	if secret.Reveal() != value {
		t.Errorf("took %q", secret.Reveal())
	}
	checkHidden(t, secret, value)
	if text := created.String(); strings.Contains(text, "planted") || !strings.Contains(text, "sk-***abcd") {
		t.Errorf("left %s", text)
	}
	if again := TakeSecret(created); again.Reveal() != "" || TakeSecret(nil).Reveal() != "" {
		t.Error("took a secret where there is none")
	}
}

func TestCredentialRefusesWhatCannotTravelWithoutRepeatingIt(t *testing.T) {
	for name, make := range map[string]func(string) (Credential, error){
		"APIKey":        func(text string) (Credential, error) { return APIKey("sk-" + text) },
		"Bearer":        Bearer,
		"SessionCookie": SessionCookie,
	} {
		for _, text := range []string{"two words", "line\nfeed", "ümlaut", "tab\t", "\xff"} {
			if _, err := make(text); err == nil || strings.Contains(err.Error(), text) {
				t.Errorf("%s of %q: %v", name, text, err)
			}
		}
	}
	for _, make := range []func() (Credential, error){
		func() (Credential, error) { return APIKey("eyJhbGciOi") },
		func() (Credential, error) { return Bearer("") },
		func() (Credential, error) { return Basic("", "x") },
		func() (Credential, error) { return Basic("a:b", "x") },
		func() (Credential, error) { return Basic("a", "") },
		func() (Credential, error) { return Basic("a", "x\n") },
		func() (Credential, error) { return Basic("a\x7f", "x") },
		func() (Credential, error) { return Basic("a", strings.Repeat("x", 12<<10)) },
		func() (Credential, error) { return SessionCookie("a;b") },
		func() (Credential, error) { return APIKey("sk-" + strings.Repeat("0", longest-2)) },
		func() (Credential, error) { return Bearer(strings.Repeat("0", longest-6)) },
	} {
		if credential, err := make(); err == nil {
			t.Errorf("%v was not refused", credential.name)
		}
	}
	if _, err := Bearer(strings.Repeat("0", longest-7)); err != nil {
		t.Errorf("16 KiB: %v", err)
	}
}

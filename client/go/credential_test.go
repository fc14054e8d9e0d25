package apikeys

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
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
		if err != nil || credential.name != test.name || credential.value != test.value {
			t.Errorf("%s is %s, %v", test.value, credential.value, err)
		}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			for _, printed := range []any{credential, &credential, struct{ C Credential }{credential}} {
				if text := fmt.Sprintf(verb, printed); strings.Contains(text, test.value) || strings.Contains(text, "706c616e746564") {
					t.Errorf("%s shows %s", verb, text)
				}
			}
		}
		if text, err := json.Marshal(credential); err == nil {
			t.Errorf("JSON is %s", text)
		}
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
	} {
		if credential, err := make(); err == nil {
			t.Errorf("%v was not refused", credential.name)
		}
	}
}

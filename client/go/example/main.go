// Example lists, creates, updates and deletes a key: DOCSPACE_API_KEY=sk-… example HOST:PORT [NAME]
//
// DOCSPACE_CA_FILE names a file of authorities to trust instead of those of the system.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"docspace.dev/apikeys"
	apikeysv1 "docspace.dev/apikeys/v1"
)

// create creates a key and returns its id, even if a response is lost.
func create(ctx context.Context, keys apikeysv1.ApiKeysClient, name string) (string, error) {
	for attempts := 1; ; attempts++ {
		created, err := keys.CreateApiKey(ctx, &apikeysv1.CreateApiKeyRequest{
			Name: name, Permissions: []string{"files:read"}, ExpiresInDays: proto.Int32(30),
		})
		if err == nil {
			// Reveal is the only way to read the secret: pass it to the program that stores it.
			_ = apikeys.TakeSecret(created)
			fmt.Println("created", name)
			return created.GetApiKey().GetId(), nil
		}
		failure := apikeys.AsError(err)
		switch {
		case failure.Reason == "WRITE_OUTCOME_UNKNOWN":
			// The key may exist, but its secret is lost.
			id, err := find(ctx, keys, name)
			if err != nil || id != "" {
				return id, err
			}
		case !failure.SafeToRetry():
			return "", err
		}
		if attempts == 3 {
			return "", err
		}
		time.Sleep(failure.Backoff(attempts))
	}
}

func find(ctx context.Context, keys apikeysv1.ApiKeysClient, name string) (string, error) {
	list, err := keys.GetApiKeys(ctx, &apikeysv1.GetApiKeysRequest{})
	for _, key := range list.GetApiKeys() {
		if key.GetName() == name {
			fmt.Println("found", name)
			return key.GetId(), nil
		}
	}
	return "", err
}

// remove deletes a key. For a key of another user, older portals return false and newer ones deny access.
func remove(ctx context.Context, keys apikeysv1.ApiKeysClient, id string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	deleted, err := keys.DeleteApiKey(ctx, &apikeysv1.DeleteApiKeyRequest{KeyId: id})
	if failure := apikeys.AsError(err); failure != nil && failure.Reason == "ACCESS_DENIED" {
		return false, nil
	}
	return deleted.GetDeleted(), err
}

func tour(ctx context.Context, keys apikeysv1.ApiKeysClient, name string) error {
	list, err := keys.GetApiKeys(ctx, &apikeysv1.GetApiKeysRequest{})
	if err != nil {
		return err
	}
	fmt.Println(len(list.GetApiKeys()), "keys")
	id, err := create(ctx, keys, name)
	if err != nil {
		return err
	}
	updated, err := keys.UpdateApiKey(ctx, &apikeysv1.UpdateApiKeyRequest{KeyId: id, IsActive: proto.Bool(false)})
	if err != nil {
		return err
	}
	if updated.GetUpdated() {
		fmt.Println("updated", name)
	}
	deleted, err := remove(ctx, keys, id)
	if err != nil {
		return err
	}
	if deleted {
		fmt.Println("deleted", name)
	} else {
		fmt.Println("not deleted: another user's key")
	}
	return nil
}

func run(target, name string) error {
	credential, err := apikeys.APIKey(os.Getenv("DOCSPACE_API_KEY"))
	if err != nil {
		return err
	}
	trust := &tls.Config{}
	if file := os.Getenv("DOCSPACE_CA_FILE"); file != "" {
		pem, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		trust.RootCAs = x509.NewCertPool()
		trust.RootCAs.AppendCertsFromPEM(pem)
	}
	connection, err := apikeys.Connect(target, apikeys.WithCredential(credential), apikeys.WithTLS(trust))
	if err != nil {
		return err
	}
	defer connection.Close()
	return tour(context.Background(), apikeysv1.NewApiKeysClient(connection), name)
}

func report(err error) {
	failure := apikeys.AsError(err)
	if failure == nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	for _, violation := range failure.FieldViolations {
		fmt.Fprintf(os.Stderr, "%s: %s\n", violation.Field, violation.Description)
	}
	if failure.Code == codes.Unauthenticated {
		fmt.Fprintln(os.Stderr, "DOCSPACE_API_KEY is not accepted: renew it")
	}
	fmt.Fprintf(os.Stderr, "%v (request %s)\n", failure, failure.RequestID())
}

func main() {
	arguments := append(os.Args[1:], "Example")
	if err := run(arguments[0], arguments[1]); err != nil {
		report(err)
		os.Exit(1)
	}
}

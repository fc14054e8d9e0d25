// The transcoder turns the portal's REST calls into gRPC by the annotations of the proto alone: grpc-gateway in
// front of a gateway. `transcoder GATEWAY` prints the address on which it serves.
package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	_ "google.golang.org/genproto/googleapis/rpc/errdetails" // Prints the details of errors.
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	transcoder "docspace.dev/apikeys/tests/interop/gen/v1"
)

// headers forwards the session cookie, in addition to the headers that grpc-gateway forwards by default.
func headers(name string) (string, bool) {
	if name == "Cookie" {
		return "cookie", true
	}
	return runtime.DefaultHeaderMatcher(name)
}

func main() {
	mux := runtime.NewServeMux(runtime.WithIncomingHeaderMatcher(headers))
	err := transcoder.RegisterApiKeysHandlerFromEndpoint(context.Background(), mux, os.Args[1],
		[]grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials())})
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("http://%s\n", listener.Addr())
	log.Fatal(http.Serve(listener, mux))
}

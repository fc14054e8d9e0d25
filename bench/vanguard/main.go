// A minimal gRPC front of a REST portal with vanguard-go, set as well as it can be for the benchmark:
// generated messages rather than dynamic ones, HTTP/2 without TLS, as many idle connections to the
// upstream as there are calls, buffers that are used again.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"flag"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"sync"

	"connectrpc.com/vanguard"

	apikeys "docspace.dev/bench/vanguard/apikeys/v1"
)

// Calls at a time, at most.
const maxInFlight = 2000

// buffers implements httputil.BufferPool.
type buffers struct{ pool sync.Pool }

func (b *buffers) Get() []byte {
	if buffer, ok := b.pool.Get().(*[]byte); ok {
		return *buffer
	}
	return make([]byte, 32*1024)
}

func (b *buffers) Put(buffer []byte) { b.pool.Put(&buffer) }

// trusting trusts the certificates of a PEM file, or the system's where it is empty.
func trusting(caFile string) (*tls.Config, error) {
	if caFile == "" {
		return &tls.Config{}, nil
	}
	pem, err := os.ReadFile(caFile)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	return &tls.Config{RootCAs: pool}, nil
}

func serve(listen string, upstream *url.URL, trust *tls.Config) error {
	proxy := &httputil.ReverseProxy{
		Rewrite: func(request *httputil.ProxyRequest) { request.SetURL(upstream) },
		Transport: &http.Transport{
			TLSClientConfig:     trust,
			MaxIdleConns:        maxInFlight,
			MaxIdleConnsPerHost: maxInFlight,
			DisableCompression:  true,
		},
		BufferPool: &buffers{},
	}
	service := vanguard.NewServiceWithSchema(
		apikeys.File_docspace_apikeys_v1_api_keys_proto.Services().ByName("ApiKeys"),
		proxy,
		vanguard.WithTargetProtocols(vanguard.ProtocolREST),
	)
	transcoder, err := vanguard.NewTranscoder([]*vanguard.Service{service})
	if err != nil {
		return err
	}
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	server := &http.Server{
		Addr:      listen,
		Handler:   transcoder,
		Protocols: protocols,
		HTTP2:     &http.HTTP2Config{MaxConcurrentStreams: maxInFlight},
	}
	return server.ListenAndServe()
}

func main() {
	listen := flag.String("listen", "", "address:port")
	upstream := flag.String("upstream", "", "the portal: http://… or https://…")
	caFile := flag.String("ca-file", "", "PEM certificates to trust, instead of the system's")
	flag.Parse()
	origin, err := url.Parse(*upstream)
	if err != nil {
		log.Fatal(err)
	}
	trust, err := trusting(*caFile)
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(serve(*listen, origin, trust))
}

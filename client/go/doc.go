// Package apikeys connects to the gateway that serves the API keys of a DocSpace portal over gRPC.
//
// [Connect] returns a connection for the generated client of docspace.dev/apikeys/v1; [AsError] returns the
// error of a failed call.
package apikeys

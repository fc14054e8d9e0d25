// Package apikeys connects to the gateway that serves the API keys of a DocSpace portal over gRPC.
//
// [Connect] returns a connection for the generated client of docspace.dev/apikeys/v1; [AsError] says what a
// call that failed says.
package apikeys

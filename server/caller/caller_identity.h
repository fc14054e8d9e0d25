// The identity of a caller, as the log and the portal get it.
#ifndef SERVER_CALLER_CALLER_IDENTITY_H_
#define SERVER_CALLER_CALLER_IDENTITY_H_

#include <grpcpp/security/auth_context.h>

#include <string>
#include <string_view>

namespace docspace::gateway {

// Returns the address in gRPC's name for a peer: for "ipv6:%5B2001:db8::1%5D:50000" it is
// "[2001:db8::1]:50000", or else it has the form "192.0.2.1:50000". Returns another kind of name as
// it is.
std::string PeerAddress(std::string_view peer);

// Returns the IP address alone, as X-Forwarded-For has it: for the first of these names it is
// "2001:db8::1". An IPv4 address that IPv6 carries (::ffff:192.0.2.1) becomes "192.0.2.1", and a
// zone is left out. Returns an empty text for another kind of name, such as that of a Unix socket.
std::string PeerIpAddress(std::string_view peer);

// Returns the SPIFFE id of the caller's certificate, or else its first subject alternative name, of
// either at most 256 bytes. Returns an empty text if TLS has verified no certificate.
std::string CertificateName(const grpc::AuthContext& caller);

}  // namespace docspace::gateway

#endif  // SERVER_CALLER_CALLER_IDENTITY_H_

// Who calls, as the log names them.
#ifndef SERVER_CALLER_CALLER_IDENTITY_H_
#define SERVER_CALLER_CALLER_IDENTITY_H_

#include <grpcpp/security/auth_context.h>

#include <string>
#include <string_view>

namespace docspace::gateway {

// The address of gRPC's name for a peer, such as "ipv6:%5B2001:db8::1%5D:50000": the text is
// "192.0.2.1:50000" or "[2001:db8::1]:50000". Another kind of name is returned as it is.
std::string PeerAddress(std::string_view peer);

// The SPIFFE id of the caller's certificate, or else its first subject alternative name; at most
// 256 bytes of it. Empty if TLS has verified none.
std::string CertificateName(const grpc::AuthContext& caller);

}  // namespace docspace::gateway

#endif  // SERVER_CALLER_CALLER_IDENTITY_H_

// TLS towards callers, with certificates that can change while the gateway serves.
#ifndef SERVER_TLS_TLS_SERVER_CREDENTIALS_H_
#define SERVER_TLS_TLS_SERVER_CREDENTIALS_H_

#include <grpcpp/security/server_credentials.h>

#include <memory>

#include "server/tls/certificates.h"

namespace docspace::gateway {

// Returns credentials for TLS 1.2 and later. Each handshake uses the newest certificates. If the
// first ones have authorities, one of these must have signed a caller's certificate; if
// `callers_need_certificate` is true, every caller must present one.
//
// The credentials are for one listener, which they must outlive.
//
// gRPC's own FileWatcherCertificateProvider cannot be used here: the release of Debian 12 replaces
// its certificates by any content of the files, after which no caller can connect.
std::shared_ptr<grpc::ServerCredentials> TlsServerCredentials(CertificateSource certificates,
                                                              bool callers_need_certificate);

}  // namespace docspace::gateway

#endif  // SERVER_TLS_TLS_SERVER_CREDENTIALS_H_

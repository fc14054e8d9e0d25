// TLS towards callers, by certificates that change while the gateway serves.
#ifndef SERVER_TLS_TLS_SERVER_CREDENTIALS_H_
#define SERVER_TLS_TLS_SERVER_CREDENTIALS_H_

#include <grpcpp/security/server_credentials.h>

#include <memory>

#include "server/tls/certificates.h"

namespace docspace::gateway {

// At least TLS 1.2. Each handshake is made with the newest certificates. If the first ones come
// with authorities, a caller's certificate must be signed by one of them; with
// `callers_need_certificate` every caller must show one.
//
// For one listener, which it must outlive.
//
// gRPC's own FileWatcherCertificateProvider does not serve: the release of Debian 12 replaces its
// certificates by any content of the files, and then no caller can connect.
std::shared_ptr<grpc::ServerCredentials> TlsServerCredentials(CertificateSource certificates,
                                                              bool callers_need_certificate);

}  // namespace docspace::gateway

#endif  // SERVER_TLS_TLS_SERVER_CREDENTIALS_H_

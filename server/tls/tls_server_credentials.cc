#include "server/tls/tls_server_credentials.h"

#include <grpc/grpc_security.h>

#include <string>
#include <utility>

#include "server/tls/core_server_credentials.h"
#include "server/tls/handshake_failures.h"

namespace docspace::gateway {
namespace {

// CertificateFetcher gives gRPC's C core the certificates for each handshake; gRPC's C++ API does
// not show such credentials.
class CertificateFetcher {
 public:
  explicit CertificateFetcher(CertificateSource certificates)
      : certificates_(std::move(certificates)) {}

  // Returns credentials that use this object, which must outlive them.
  grpc_server_credentials* MakeCredentials(bool callers_need_certificate) {
    const auto client_certificate =
        certificates_()->authorities().empty() ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
        : callers_need_certificate ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                                   : GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY;
    return grpc_ssl_server_credentials_create_with_options(
        grpc_ssl_server_credentials_create_options_using_config_fetcher(client_certificate, &Fetch,
                                                                        this));
  }

 private:
  // gRPC calls this before each handshake, from one thread at a time.
  static grpc_ssl_certificate_config_reload_status Fetch(
      void* self, grpc_ssl_server_certificate_config** config) {
    auto& fetcher = *static_cast<CertificateFetcher*>(self);
    auto newest = fetcher.certificates_();
    if (newest == fetcher.given_) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
    // A Secret reveals a whole std::string, so the text ends in NUL.
    const grpc_ssl_pem_key_cert_pair pair{.private_key = newest->private_key().Reveal().data(),
                                          .cert_chain = newest->chain().c_str()};
    // gRPC requires authorities even if callers are not asked for a certificate.
    const std::string& authorities =
        newest->authorities().empty() ? newest->chain() : newest->authorities();
    *config = grpc_ssl_server_certificate_config_create(authorities.c_str(), &pair, 1);
    fetcher.given_ = std::move(newest);
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
  }

  const CertificateSource certificates_;
  std::shared_ptr<const Certificates> given_;
};

}  // namespace

std::shared_ptr<grpc::ServerCredentials> TlsServerCredentials(CertificateSource certificates,
                                                              bool callers_need_certificate) {
  WatchHandshakeFailures();
  auto fetcher = std::make_shared<CertificateFetcher>(std::move(certificates));
  grpc_server_credentials* credentials = fetcher->MakeCredentials(callers_need_certificate);
  return std::make_shared<CoreServerCredentials>(credentials, std::move(fetcher));
}

}  // namespace docspace::gateway

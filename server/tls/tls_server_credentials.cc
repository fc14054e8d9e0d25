#include "server/tls/tls_server_credentials.h"

#include <grpc/grpc.h>
#include <grpc/grpc_security.h>

#include <string>
#include <utility>

namespace docspace::gateway {
namespace {

// gRPC's C core has credentials that are fetched for each handshake; its C++ API does not show
// them.
class FetchedCredentials final : public grpc::ServerCredentials {
 public:
  FetchedCredentials(CertificateSource certificates, bool callers_need_certificate)
      : certificates_(std::move(certificates)) {
    const auto client_certificate =
        certificates_()->authorities().empty() ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
        : callers_need_certificate ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                                   : GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY;
    credentials_ = grpc_ssl_server_credentials_create_with_options(
        grpc_ssl_server_credentials_create_options_using_config_fetcher(client_certificate, &Fetch,
                                                                        this));
  }
  ~FetchedCredentials() override { grpc_server_credentials_release(credentials_); }

  // Does nothing, because the service checks what a caller sends.
  void SetAuthMetadataProcessor(const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {}

 private:
  int AddPortToServer(const std::string& address, grpc_server* server) override {
    return grpc_server_add_http2_port(server, address.c_str(), credentials_);
  }

  // gRPC calls this before each handshake, from one thread at a time.
  static grpc_ssl_certificate_config_reload_status Fetch(
      void* self, grpc_ssl_server_certificate_config** config) {
    auto& credentials = *static_cast<FetchedCredentials*>(self);
    auto newest = credentials.certificates_();
    if (newest == credentials.given_) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
    // A Secret reveals a whole std::string, so the text ends in NUL.
    const grpc_ssl_pem_key_cert_pair pair{.private_key = newest->private_key().Reveal().data(),
                                          .cert_chain = newest->chain().c_str()};
    // gRPC requires authorities even if callers are not asked for a certificate.
    const std::string& authorities =
        newest->authorities().empty() ? newest->chain() : newest->authorities();
    *config = grpc_ssl_server_certificate_config_create(authorities.c_str(), &pair, 1);
    credentials.given_ = std::move(newest);
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
  }

  const CertificateSource certificates_;
  std::shared_ptr<const Certificates> given_;
  grpc_server_credentials* credentials_ = nullptr;
};

}  // namespace

std::shared_ptr<grpc::ServerCredentials> TlsServerCredentials(CertificateSource certificates,
                                                              bool callers_need_certificate) {
  return std::make_shared<FetchedCredentials>(std::move(certificates), callers_need_certificate);
}

}  // namespace docspace::gateway

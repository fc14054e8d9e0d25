// Certificates that tests of the client make at run time.
#ifndef TESTS_CLIENT_CPP_CERTIFICATE_H_
#define TESTS_CLIENT_CPP_CERTIFICATE_H_

#include <grpcpp/security/server_credentials.h>

#include <memory>
#include <string>

namespace docspace::apikeys {

struct Certificate {
  std::string certificate_pem;
  std::string private_key_pem;
};

// Returns a self-signed certificate that is valid for an hour. `subject_alternative_name` is in
// OpenSSL's notation, e.g. `IP:127.0.0.1`.
Certificate MakeCertificate(const std::string& subject_alternative_name);

// Returns the credentials of a server that presents this certificate and, if `client_ca_pem` is not
// empty, requires client certificates signed by that authority.
std::shared_ptr<grpc::ServerCredentials> ServerTls(const Certificate& certificate,
                                                   const std::string& client_ca_pem = "");

}  // namespace docspace::apikeys

#endif  // TESTS_CLIENT_CPP_CERTIFICATE_H_

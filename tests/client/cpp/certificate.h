// A certificate of the test's own, made when it is asked for.
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

// Self-signed, valid for an hour. `subject_alternative_name`: `IP:127.0.0.1`.
Certificate MakeCertificate(const std::string& subject_alternative_name);

// Of a gateway that shows this certificate; and, if an authority is given, asks its callers for one
// that it signed.
std::shared_ptr<grpc::ServerCredentials> ServerTls(const Certificate& certificate,
                                                   const std::string& client_ca_pem = "");

}  // namespace docspace::apikeys

#endif  // TESTS_CLIENT_CPP_CERTIFICATE_H_

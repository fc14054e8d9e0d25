// A certificate of the test's own, made when it is asked for.
#ifndef TESTS_CLIENT_CERTIFICATE_H_
#define TESTS_CLIENT_CERTIFICATE_H_

#include <string>

namespace docspace::apikeys {

struct Certificate {
  std::string certificate_pem;
  std::string private_key_pem;
};

// Self-signed, valid for an hour. `subject_alternative_name`: `IP:127.0.0.1`.
Certificate MakeCertificate(const std::string& subject_alternative_name);

}  // namespace docspace::apikeys

#endif  // TESTS_CLIENT_CERTIFICATE_H_

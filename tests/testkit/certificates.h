// Certificates made in memory, for TLS on loopback.
#ifndef TESTS_TESTKIT_CERTIFICATES_H_
#define TESTS_TESTKIT_CERTIFICATES_H_

#include <openssl/x509.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "tests/testkit/temporary_file.h"

namespace docspace::gateway::testkit {

struct FreeX509 {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};

// `Certificate` holds an X.509 certificate and its private key.
struct Certificate {
  std::shared_ptr<X509> certificate;
  std::shared_ptr<EVP_PKEY> key;

  std::string CertificatePem() const;
  std::string KeyPem() const;
};

// `CertificateAuthority` is a root that signs certificates for servers and clients. `file()` holds
// its own certificate in PEM until the authority is destroyed.
class CertificateAuthority {
 public:
  CertificateAuthority();

  const std::string& file() const { return file_.path(); }
  std::string Pem() const { return root_.CertificatePem(); }

  // Issues a certificate for a host name, an IP address or a URI. It is valid from an hour ago for
  // thirty days.
  Certificate Issue(const std::string& host) const;
  // Issues a certificate with these subject alternative names, written as OpenSSL expects them:
  // "URI:spiffe://a/b,DNS:a.example". It is valid from an hour ago until `lifetime` from now. Its
  // common name is "nobody". If `is_authority`, it may sign certificates itself.
  Certificate IssueFor(const std::string& names,
                       std::chrono::seconds lifetime = std::chrono::hours(24),
                       bool is_authority = false) const;
  // Issues a certificate that expired an hour ago.
  Certificate IssueExpired(const std::string& host) const;
  // Issues a certificate that has the host in its subject's common name and no subject alternative
  // name.
  Certificate IssueByCommonName(const std::string& host) const;
  // `IssueIntermediate` issues a certificate authority below the root; `IssueBelow` issues a
  // certificate for `host` that this intermediate authority signs.
  Certificate IssueIntermediate(const std::string& name = "Intermediate of the tests") const;
  static Certificate IssueBelow(const Certificate& intermediate, const std::string& host);

  // Returns a list of revoked certificates (CRL) of the root in PEM. It was issued `age` ago, and
  // is valid until `lifetime` from now.
  std::string RevocationList(const std::vector<Certificate>& revoked,
                             std::chrono::seconds lifetime = std::chrono::hours(24),
                             std::chrono::seconds age = std::chrono::hours(1)) const {
    return RevocationListOf(root_, revoked, lifetime, age);
  }
  // Returns such a list of another authority.
  static std::string RevocationListOf(const Certificate& authority,
                                      const std::vector<Certificate>& revoked,
                                      std::chrono::seconds lifetime = std::chrono::hours(24),
                                      std::chrono::seconds age = std::chrono::hours(1));

 private:
  Certificate root_;
  TemporaryFile file_;
};

}  // namespace docspace::gateway::testkit

#endif  // TESTS_TESTKIT_CERTIFICATES_H_

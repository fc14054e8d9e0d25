// Certificates made in memory, for TLS on loopback.
#ifndef TESTS_TESTKIT_CERTIFICATES_H_
#define TESTS_TESTKIT_CERTIFICATES_H_

#include <openssl/x509.h>

#include <chrono>
#include <memory>
#include <string>

#include "tests/testkit/temporary_file.h"

namespace docspace::gateway::testkit {

struct FreeX509 {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};

struct Certificate {
  std::shared_ptr<X509> certificate;
  std::shared_ptr<EVP_PKEY> key;

  std::string CertificatePem() const;
  std::string KeyPem() const;
};

// A root that signs certificates, of servers and of clients. Its own certificate is in a file, for
// those who trust it, until it is destroyed.
class CertificateAuthority {
 public:
  CertificateAuthority();

  const std::string& file() const { return file_.path(); }
  std::string Pem() const { return root_.CertificatePem(); }

  // For a host name, an IP address or a URI; valid from an hour ago for thirty days.
  Certificate Issue(const std::string& host) const;
  // With these subject alternative names, as OpenSSL writes them: "URI:spiffe://a/b,DNS:a.example".
  // Valid from an hour ago for `lifetime` from now. Its common name is "nobody". With
  // `is_authority` it may sign certificates itself.
  Certificate IssueFor(const std::string& names,
                       std::chrono::seconds lifetime = std::chrono::hours(24),
                       bool is_authority = false) const;
  // Was valid until an hour ago.
  Certificate IssueExpired(const std::string& host) const;
  // Has the host in its subject's common name, and no subject alternative name.
  Certificate IssueByCommonName(const std::string& host) const;
  // An authority below the root, and a certificate that it issues for `host`.
  Certificate IssueIntermediate() const;
  static Certificate IssueBelow(const Certificate& intermediate, const std::string& host);

 private:
  Certificate root_;
  TemporaryFile file_;
};

}  // namespace docspace::gateway::testkit

#endif  // TESTS_TESTKIT_CERTIFICATES_H_

// Certificates and keys, as they are in PEM files.
#ifndef SERVER_TLS_CERTIFICATES_H_
#define SERVER_TLS_CERTIFICATES_H_

#include <boost/asio/ssl/context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/secret.h"
#include "server/tls/revocation_lists.h"

namespace docspace::gateway {

// CertificateFiles names files, and the setting that names each of them. An empty path means that
// there is no such file.
struct CertificateFiles {
  std::string_view ca_setting;
  std::string_view certificate_setting;
  std::string_view private_key_setting;
  std::string_view revocation_setting{};
  // The certificates of trusted authorities.
  std::string ca_file;
  // The chain with which the gateway authenticates itself, beginning with its own certificate, and
  // the private key of that certificate, which must not need a password.
  std::string certificate_file;
  std::string private_key_file;
  // The lists of certificates that those authorities have revoked.
  std::string revocation_file{};
  // True if the gateway uses them to authenticate itself to callers, false for a portal.
  bool is_server = false;
  // The names and addresses that its certificate should be valid for: see ExamineCertificates.
  std::vector<std::string> names{};
  // True if the system's authorities are trusted when there is no `ca_file`.
  bool system_authorities = false;

  bool empty() const {
    return ca_file.empty() && certificate_file.empty() && private_key_file.empty() &&
           !system_authorities;
  }
};

// Certificates holds the valid content of CertificateFiles: each text is PEM, and the key belongs
// to the certificate.
class Certificates {
 public:
  // Holds no certificates.
  Certificates() = default;

  // Reads the files. Returns INVALID_ARGUMENT, with the name of the setting and the reason, if a
  // file cannot be used. Blocks on file I/O.
  static absl::StatusOr<Certificates> Read(const CertificateFiles& files);

  // Return the text in PEM; empty if there is no such file.
  const std::string& authorities() const { return authorities_; }
  const std::string& chain() const { return chain_; }
  const Secret& private_key() const { return private_key_; }
  // Returns null if there is no such file.
  const std::shared_ptr<const RevocationLists>& revocation_lists() const {
    return revocation_lists_;
  }

  // Makes a context trust the authorities, and authenticate itself with the chain and key. Settings
  // without a file are left unchanged. Throws boost::system::system_error if memory runs out.
  void Use(boost::asio::ssl::context& context) const;

  friend bool operator==(const Certificates& a, const Certificates& b) {
    return a.authorities_ == b.authorities_ && a.chain_ == b.chain_ &&
           a.private_key_ == b.private_key_ && a.revocation_text_ == b.revocation_text_;
  }

 private:
  absl::Status ReadAuthorities(const CertificateFiles& files, boost::asio::ssl::context& probe);
  absl::Status ReadRevocationLists(const CertificateFiles& files);
  absl::Status ReadChainAndKey(const CertificateFiles& files, boost::asio::ssl::context& probe);
  boost::system::error_code UseAuthorities(boost::asio::ssl::context& context) const;
  boost::system::error_code UseChain(boost::asio::ssl::context& context) const;
  boost::system::error_code UseKey(boost::asio::ssl::context& context) const;

  std::string authorities_;
  // The authorities in OpenSSL's form, shared by all contexts. They are parsed here, so that no
  // event loop has to read or parse them.
  std::shared_ptr<X509_STORE> store_;
  std::string chain_;
  Secret private_key_;
  // The text of the file, by which two objects are compared.
  std::string revocation_text_;
  std::shared_ptr<const RevocationLists> revocation_lists_;
};

// A function that returns the current certificates, never null. The pointer changes if and only if
// the certificates have changed. Thread-safe.
using CertificateSource = std::function<std::shared_ptr<const Certificates>()>;

}  // namespace docspace::gateway

#endif  // SERVER_TLS_CERTIFICATES_H_

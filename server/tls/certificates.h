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

namespace docspace::gateway {

// Which files, each with the setting that names it. A path may be empty: there is no such file.
struct CertificateFiles {
  std::string_view ca_setting;
  std::string_view certificate_setting;
  std::string_view private_key_setting;
  // Certificates of those who are trusted.
  std::string ca_file;
  // The chain with which the gateway authenticates itself, its own certificate first, and the key
  // of that, without a password.
  std::string certificate_file;
  std::string private_key_file;
  // Whether the gateway authenticates itself to callers with them, rather than to a portal.
  bool is_server = false;
  // The names and addresses that its certificate should be for: see ExamineCertificates.
  std::vector<std::string> names{};
  // Whether, without `ca_file`, those are trusted that the system trusts.
  bool system_authorities = false;

  bool empty() const {
    return ca_file.empty() && certificate_file.empty() && private_key_file.empty() &&
           !system_authorities;
  }
};

// What was in such files, and is sound: each text is PEM, and the key is the certificate's.
class Certificates {
 public:
  // Nothing.
  Certificates() = default;

  // INVALID_ARGUMENT names the setting whose file cannot be used, and says why.
  static absl::StatusOr<Certificates> Read(const CertificateFiles& files);

  // In PEM; empty where there is no such file.
  const std::string& authorities() const { return authorities_; }
  const std::string& chain() const { return chain_; }
  const Secret& private_key() const { return private_key_; }

  // Makes a context trust the authorities, and authenticate itself by chain and key. Nothing
  // changes for what there is no file of. Throws boost::system::system_error, for lack of memory.
  void Use(boost::asio::ssl::context& context) const;

  friend bool operator==(const Certificates& a, const Certificates& b) {
    return a.authorities_ == b.authorities_ && a.chain_ == b.chain_ &&
           a.private_key_ == b.private_key_;
  }

 private:
  boost::system::error_code UseAuthorities(boost::asio::ssl::context& context) const;
  boost::system::error_code UseChain(boost::asio::ssl::context& context) const;
  boost::system::error_code UseKey(boost::asio::ssl::context& context) const;

  std::string authorities_;
  // The authorities as OpenSSL has them, for all contexts: made here, an event loop neither reads
  // nor parses them.
  std::shared_ptr<X509_STORE> store_;
  std::string chain_;
  Secret private_key_;
};

// Yields the newest certificates there are, never null: another object means that they are other
// ones. Thread-safe.
using CertificateSource = std::function<std::shared_ptr<const Certificates>()>;

}  // namespace docspace::gateway

#endif  // SERVER_TLS_CERTIFICATES_H_

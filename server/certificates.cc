#include "server/certificates.h"

#include <openssl/ssl.h>

#include <boost/asio/buffer.hpp>
#include <boost/system/system_error.hpp>
#include <cstddef>
#include <fstream>
#include <optional>
#include <utility>

namespace docspace::gateway {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

// The authorities that a system trusts take a fifth of it.
constexpr std::size_t kMaxFileBytes = std::size_t{1024} * 1024;

absl::Status Wrong(std::string_view setting, std::string_view what) {
  return absl::InvalidArgumentError(std::string(setting).append(" ").append(what));
}

std::optional<Secret> ReadFile(const std::string& path) {
  std::ifstream file;
  file.rdbuf()->pubsetbuf(nullptr, 0);  // No copy of a key is left behind.
  file.open(path, std::ios::binary | std::ios::ate);
  const std::streamoff size = file.tellg();
  if (!file || size < 0 || size > static_cast<std::streamoff>(kMaxFileBytes)) return std::nullopt;
  std::string text(static_cast<std::size_t>(size), '\0');
  file.seekg(0);
  file.read(text.data(), size);
  Secret content(std::move(text));
  if (file.gcount() != size) return std::nullopt;
  return content;
}

// A password would be asked for at the terminal.
void TakeNoPassword(ssl::context& context) {
  context.set_password_callback(
      [](std::size_t, ssl::context::password_purpose) { return std::string(); });
}

void ThrowIf(const error_code& error) {
  if (error) throw boost::system::system_error(error);
}

}  // namespace

absl::StatusOr<Certificates> Certificates::Read(const CertificateFiles& files) {
  constexpr std::string_view kUnreadable = "names a file that cannot be read, or is over 1 MiB";
  Certificates read;
  ssl::context probe(ssl::context::tls);
  TakeNoPassword(probe);
  if (!files.ca_file.empty()) {
    std::optional<Secret> authorities = ReadFile(files.ca_file);
    if (!authorities) return Wrong(files.ca_setting, kUnreadable);
    read.authorities_ = authorities->Reveal();
    if (read.UseAuthorities(probe)) {
      return Wrong(files.ca_setting, "names a file that cannot be used as PEM certificates");
    }
  }
  if (files.certificate_file.empty()) return read;

  std::optional<Secret> chain = ReadFile(files.certificate_file);
  if (!chain) return Wrong(files.certificate_setting, kUnreadable);
  read.chain_ = chain->Reveal();
  if (read.UseChain(probe)) {
    return Wrong(files.certificate_setting,
                 "names a file that cannot be used as a PEM certificate chain");
  }
  std::optional<Secret> key = ReadFile(files.private_key_file);
  if (!key) return Wrong(files.private_key_setting, kUnreadable);
  read.private_key_ = *std::move(key);
  ssl::context without_chain(ssl::context::tls);
  TakeNoPassword(without_chain);
  if (read.UseKey(without_chain)) {
    return Wrong(files.private_key_setting,
                 "names a file that cannot be used as a PEM key without a password");
  }
  if (read.UseKey(probe) || SSL_CTX_check_private_key(probe.native_handle()) != 1) {
    return Wrong(files.private_key_setting,
                 "does not go with " + std::string(files.certificate_setting));
  }
  return read;
}

void Certificates::Use(ssl::context& context) const {
  TakeNoPassword(context);
  if (!authorities_.empty()) ThrowIf(UseAuthorities(context));
  if (chain_.empty()) return;
  ThrowIf(UseChain(context));
  ThrowIf(UseKey(context));
}

error_code Certificates::UseAuthorities(ssl::context& context) const {
  error_code error;
  context.add_certificate_authority(boost::asio::buffer(authorities_), error);
  return error;
}

error_code Certificates::UseChain(ssl::context& context) const {
  error_code error;
  context.use_certificate_chain(boost::asio::buffer(chain_), error);
  return error;
}

error_code Certificates::UseKey(ssl::context& context) const {
  const std::string_view key = private_key_.Reveal();
  error_code error;
  context.use_private_key(boost::asio::buffer(key.data(), key.size()), ssl::context::pem, error);
  return error;
}

}  // namespace docspace::gateway

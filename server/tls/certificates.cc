#include "server/tls/certificates.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/system/system_error.hpp>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/base/secret_file.h"
#include "server/tls/x509.h"

namespace docspace::gateway {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

// The most bytes of one file. The authorities that a system trusts take a fifth of it.
constexpr std::size_t kMaxFileBytes = std::size_t{1024} * 1024;

constexpr std::string_view kUnreadable = "names a file that cannot be read, or is over 1 MiB";

absl::Status Wrong(std::string_view setting, std::string_view what) {
  return absl::InvalidArgumentError(std::string(setting).append(" ").append(what));
}

std::optional<Secret> ReadFile(const std::string& path) {
  return ReadSecretFile(path, kMaxFileBytes);
}

bool IsHashedName(std::string_view name) {
  constexpr std::size_t kHash = 8;
  return name.size() > kHash + 1 && name[kHash] == '.' &&
         name.find_first_not_of("0123456789abcdef") == kHash &&
         name.find_first_not_of("0123456789", kHash + 1) == std::string_view::npos;
}

std::string FromEnvironmentOr(const char* variable, const char* otherwise) {
  const char* value = std::getenv(variable);
  return value != nullptr ? value : otherwise;
}

// Returns the certificates, in PEM, that OpenSSL would trust by itself. They are read here because
// OpenSSL would read the files during handshakes, on event loops.
std::string ReadSystemAuthorities() {
  std::vector<std::string> paths = {
      FromEnvironmentOr(X509_get_default_cert_file_env(), X509_get_default_cert_file())};
  const std::string folders =
      FromEnvironmentOr(X509_get_default_cert_dir_env(), X509_get_default_cert_dir());
  for (const absl::string_view folder : absl::StrSplit(folders, ':', absl::SkipEmpty())) {
    std::error_code error;
    for (std::filesystem::directory_iterator each(std::string(folder), error), end;
         !error && each != end; each.increment(error)) {
      if (IsHashedName(each->path().filename().string())) paths.push_back(each->path().string());
    }
  }
  // A folder has no order, and equal authorities should compare equal.
  std::ranges::sort(paths);
  std::string authorities;
  for (const std::string& path : paths) {
    const std::optional<Secret> content = ReadFile(path);
    if (content) authorities.append(content->Reveal()).append("\n");
  }
  return authorities;
}

// Refuses keys that need a password, which OpenSSL would otherwise ask for at the terminal.
void TakeNoPassword(ssl::context& context) {
  context.set_password_callback(
      [](std::size_t, ssl::context::password_purpose) { return std::string(); });
}

std::string_view AsView(absl::string_view text) { return {text.data(), text.size()}; }
absl::string_view AsAbseil(std::string_view text) { return {text.data(), text.size()}; }

// Describes a key that is not that of the chain's first certificate.
absl::Status MismatchOf(const CertificateFiles& files, const std::vector<X509Certificate>& chain,
                        const EVP_PKEY* key) {
  const auto subject = [&chain](std::size_t i) {
    return NameOf(X509_get_subject_name(chain[i].get()));
  };
  for (std::size_t i = 1; i < chain.size(); ++i) {
    const bool is_of_key = X509_check_private_key(chain[i].get(), key) == 1;
    ERR_clear_error();
    if (!is_of_key) continue;
    return Wrong(files.certificate_setting,
                 absl::StrCat("has its certificates in the wrong order: the gateway's own must be "
                              "the first, but it is number ",
                              i + 1, ", of ", subject(i), ", and the first is of ", subject(0)));
  }
  std::string what = absl::StrCat("does not go with ", AsAbseil(files.certificate_setting));
  if (!chain.empty()) absl::StrAppend(&what, ", whose first certificate is of ", subject(0));
  return Wrong(files.private_key_setting, what);
}

void ThrowIf(const error_code& error) {
  if (error) throw boost::system::system_error(error);
}

}  // namespace

absl::StatusOr<Certificates> Certificates::Read(const CertificateFiles& files) {
  Certificates read;
  ssl::context probe(ssl::context::tls);
  TakeNoPassword(probe);
  absl::Status status = read.ReadAuthorities(files, probe);
  if (status.ok()) status = read.ReadRevocationLists(files);
  if (status.ok()) status = read.ReadChainAndKey(files, probe);
  if (!status.ok()) return status;
  return read;
}

absl::Status Certificates::ReadAuthorities(const CertificateFiles& files, ssl::context& probe) {
  if (!files.ca_file.empty()) {
    std::optional<Secret> authorities = ReadFile(files.ca_file);
    if (!authorities) return Wrong(files.ca_setting, kUnreadable);
    authorities_ = authorities->Reveal();
    if (UseAuthorities(probe)) {
      return Wrong(files.ca_setting, "names a file that cannot be used as PEM certificates");
    }
  } else if (files.system_authorities) {
    authorities_ = ReadSystemAuthorities();
    if (!authorities_.empty() && UseAuthorities(probe)) {
      // One of the system's files is broken. Without this text OpenSSL looks for the others by
      // itself.
      authorities_.clear();
    }
  }
  if (!authorities_.empty()) {
    X509_STORE* store = SSL_CTX_get_cert_store(probe.native_handle());
    X509_STORE_up_ref(store);
    store_ = {store, &X509_STORE_free};
  }
  return absl::OkStatus();
}

absl::Status Certificates::ReadRevocationLists(const CertificateFiles& files) {
  if (files.revocation_file.empty()) return absl::OkStatus();
  const std::optional<Secret> lists = ReadFile(files.revocation_file);
  if (!lists) return Wrong(files.revocation_setting, kUnreadable);
  revocation_text_ = lists->Reveal();
  auto read = RevocationLists::Read(authorities_, revocation_text_);
  if (!read.ok()) return Wrong(files.revocation_setting, AsView(read.status().message()));
  revocation_lists_ = *std::move(read);
  return absl::OkStatus();
}

absl::Status Certificates::ReadChainAndKey(const CertificateFiles& files, ssl::context& probe) {
  if (files.certificate_file.empty()) return absl::OkStatus();
  std::optional<Secret> chain = ReadFile(files.certificate_file);
  if (!chain) return Wrong(files.certificate_setting, kUnreadable);
  chain_ = chain->Reveal();
  if (UseChain(probe)) {
    return Wrong(files.certificate_setting,
                 "names a file that cannot be used as a PEM certificate chain");
  }
  std::optional<Secret> key = ReadFile(files.private_key_file);
  if (!key) return Wrong(files.private_key_setting, kUnreadable);
  private_key_ = *std::move(key);
  ssl::context without_chain(ssl::context::tls);
  TakeNoPassword(without_chain);
  if (UseKey(without_chain)) {
    return Wrong(files.private_key_setting,
                 "names a file that cannot be used as a PEM key without a password");
  }
  if (UseKey(probe) || SSL_CTX_check_private_key(probe.native_handle()) != 1) {
    return MismatchOf(files, ReadX509Chain(chain_),
                      SSL_CTX_get0_privatekey(without_chain.native_handle()));
  }
  return absl::OkStatus();
}

void Certificates::Use(ssl::context& context) const {
  TakeNoPassword(context);
  if (store_) SSL_CTX_set1_cert_store(context.native_handle(), store_.get());
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

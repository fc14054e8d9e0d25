#include "server/tls/certificates.h"

#include <fcntl.h>
#include <openssl/ssl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/system/system_error.hpp>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_split.h"
#include "server/base/file_descriptor.h"

namespace docspace::gateway {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

// The most bytes of one file. The authorities that a system trusts take a fifth of it.
constexpr std::size_t kMaxFileBytes = std::size_t{1024} * 1024;

absl::Status Wrong(std::string_view setting, std::string_view what) {
  return absl::InvalidArgumentError(std::string(setting).append(" ").append(what));
}

std::optional<Secret> ReadFile(const std::string& path) {
  // O_NONBLOCK lets open() return at once for a FIFO without a writer, which is refused below.
  const int opened = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (opened < 0) return std::nullopt;
  const FileDescriptor file(opened);
  struct stat status {};
  if (fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode) ||
      status.st_size > static_cast<off_t>(kMaxFileBytes)) {
    return std::nullopt;
  }
  // read() is used instead of a stream, whose buffer would keep a copy of a key. The text has room
  // for one byte more than the file, which reveals a file that grows.
  std::string text(static_cast<std::size_t>(status.st_size) + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t count = read(file.get(), text.data() + size, text.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    size += static_cast<std::size_t>(count);
  }
  const bool is_whole = size == text.size() - 1;
  text.resize(size);
  Secret content(std::move(text));
  if (!is_whole) return std::nullopt;
  return content;
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
  } else if (files.system_authorities) {
    read.authorities_ = ReadSystemAuthorities();
    if (!read.authorities_.empty() && read.UseAuthorities(probe)) {
      // One of the system's files is broken. Without this text OpenSSL looks for the others by
      // itself.
      read.authorities_.clear();
    }
  }
  if (!read.authorities_.empty()) {
    X509_STORE* store = SSL_CTX_get_cert_store(probe.native_handle());
    X509_STORE_up_ref(store);
    read.store_ = {store, &X509_STORE_free};
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

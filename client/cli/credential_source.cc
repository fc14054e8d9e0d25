#include "client/cli/credential_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "client/cli/line_break.h"
#include "client/cli/terminal_text.h"
#include "client/cli/usage_error.h"
#include "client/cpp/secret.h"

namespace docspace::apikeys::cli {
namespace {

struct VariableSource {
  const char* variable;
  std::string_view scheme;
};

constexpr VariableSource kVariables[] = {
    {"DOCSPACE_API_KEY", "api-key"},
    {"DOCSPACE_BEARER_TOKEN", "bearer"},
    {"DOCSPACE_BASIC", "basic"},
    {"DOCSPACE_SESSION_TOKEN", "session"},
};

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

Result<Credential> MakeCredential(std::string_view scheme, std::string_view value,
                                  const std::string& source) {
  if (scheme == "api-key") return Credential::ApiKey(value);
  if (scheme == "bearer") return Credential::Bearer(value);
  if (scheme == "oauth2") return Credential::OAuth2(value);
  if (scheme == "openid") return Credential::OpenId(value);
  if (scheme == "session") return Credential::SessionCookie(value);
  const std::size_t colon = value.find(':');
  if (colon == std::string_view::npos) {
    throw UsageError(source + ": the credential must be email:password");
  }
  return Credential::Basic(value.substr(0, colon), value.substr(colon + 1));
}

Credential CheckedCredential(std::string_view scheme, std::string_view value,
                             const std::string& source) {
  Result<Credential> credential = MakeCredential(scheme, value, source);
  if (!credential.ok()) throw UsageError(source + ": " + credential.error().message);
  return *std::move(credential);
}

[[noreturn]] void ThrowUnreadable(const std::string& source) {
  throw UsageError("cannot read " + source + ": " + std::strerror(errno));
}

Secret ReadAll(int fd, const std::string& source) {
  // The text has room for CR LF, and for one byte more than is allowed.
  std::string text(kCredentialLimit + 3, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t count = ::read(fd, text.data() + size, text.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) ThrowUnreadable(source);
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  text.resize(size);
  return Secret(std::move(text));
}

void WarnIfOthersCanRead(int fd, const std::string& path, std::ostream& warnings) {
  struct stat status {};
  if (::fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
      (status.st_mode & (S_IRGRP | S_IROTH)) != 0) {
    warnings << "warning: " << Escape(path) << " is readable by others: run chmod 600 on it\n";
  }
}

Secret ReadFile(const std::string& path, const std::string& source, std::ostream& warnings) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) ThrowUnreadable(source);
  WarnIfOthersCanRead(file.get(), path, warnings);
  return ReadAll(file.get(), source);
}

std::string Join(const std::vector<std::string>& names) {
  std::string joined;
  for (const std::string& name : names) joined += (joined.empty() ? "" : ", ") + name;
  return joined;
}

std::vector<std::string> SourcesGiven(const CredentialFlags& flags, const Variables& variables) {
  std::vector<std::string> given;
  for (const VariableSource& source : kVariables) {
    if (!variables(source.variable).empty()) given.emplace_back(source.variable);
  }
  if (flags.file) given.emplace_back("--credential-file");
  if (flags.fd) given.emplace_back("--credential-fd");
  return given;
}

}  // namespace

Credential ReadCredential(const CredentialFlags& flags, const Variables& variables,
                          std::ostream& warnings) {
  const std::vector<std::string> given = SourcesGiven(flags, variables);
  if (given.empty()) {
    throw UsageError(
        "no credential: set one of DOCSPACE_API_KEY, DOCSPACE_BEARER_TOKEN, DOCSPACE_BASIC, "
        "DOCSPACE_SESSION_TOKEN, or give --credential-file or --credential-fd");
  }
  if (given.size() > 1) {
    throw UsageError("more than one credential: " + Join(given) + "; leave one of them");
  }
  const std::string& source = given.front();
  if (!flags.file && !flags.fd) {
    if (flags.scheme) {
      throw UsageError("--credential-scheme needs --credential-file or --credential-fd: " + source +
                       " names its scheme itself");
    }
    for (const auto& [variable, scheme] : kVariables) {
      if (variable == source) return CheckedCredential(scheme, variables(variable), source);
    }
  }
  if (!flags.scheme) throw UsageError(source + " needs --credential-scheme");
  const Secret text =
      flags.file ? ReadFile(*flags.file, source, warnings) : ReadAll(*flags.fd, source);
  return CheckedCredential(*flags.scheme, WithoutLineBreak(text.Reveal()), source);
}

}  // namespace docspace::apikeys::cli

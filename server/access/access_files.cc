#include "server/access/access_files.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "server/base/ascii.h"
#include "server/base/http_chars.h"
#include "server/base/secret.h"
#include "server/base/secret_file.h"

namespace docspace::gateway {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{16} * 1024;
// Basic authentication of a proxy; RFC 7617 sets no limit.
constexpr std::size_t kMaxCredential = 1024;
// Most servers and proxies take fields of 8 KiB in all.
constexpr std::size_t kMaxHeaders = 32;
constexpr std::size_t kMaxHeaderBytes = std::size_t{4} * 1024;

// The names that a file may not set, in lower case, and the reasons in groups.
constexpr std::string_view kReserved[] = {
    // Where the request goes, by which a portal chooses the tenant, and where it ends (RFC 9110
    // section 7.6.1).
    "connection", "expect", "host", "http2-settings", "keep-alive", "origin", "te", "trailer",
    "transfer-encoding", "upgrade", "x-rewriter-url",
    // Credentials, which are the caller's alone.
    "apikeybearer", "asc_auth_key", "authorization", "cookie",
    // What the gateway says of itself and of the caller.
    "accept", "accept-encoding", "accept-language", "baggage", "forwarded", "traceparent",
    "tracestate", "user-agent", "x-real-ip", "x-request-id",
    // What would make another request of it, which would break the proofs about writes.
    "range", "x-http-method", "x-http-method-override", "x-method-override"};
constexpr std::string_view kReservedPrefixes[] = {"content-", "if-", "proxy-", "x-forwarded-",
                                                  "x-original-"};

absl::Status Wrong(const std::string& file, std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("the file ", file, " ", ToAbsl(what)));
}

absl::Status WrongLine(const std::string& file, std::size_t line, std::string_view what) {
  return Wrong(file, absl::StrCat("has in line ", line, " ", ToAbsl(what)));
}

absl::StatusOr<Secret> ReadWhole(const std::string& file) {
  std::optional<Secret> content = ReadSecretFile(file, kMaxFileBytes);
  if (!content) return Wrong(file, "cannot be read, or is over 16 KiB");
  return *std::move(content);
}

// Removes the first line of `text` and returns it without its end, LF or CR LF.
std::string_view TakeLine(std::string_view& text) {
  std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(text.size(), line.size() + 1));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

absl::StatusOr<Secret> ReadProxyCredential(const std::string& file) {
  const absl::StatusOr<Secret> content = ReadWhole(file);
  if (!content.ok()) return content.status();
  std::string_view rest = content->Reveal();
  const std::string_view line = TakeLine(rest);
  const std::size_t colon = line.find(':');
  if (colon == 0 || colon == std::string_view::npos || !rest.empty()) {
    return Wrong(file, "must be one line, user:password");
  }
  if (line.size() > kMaxCredential || !IsFieldText(line)) {
    return Wrong(file, "has a control character, or more than 1024 bytes");
  }
  constexpr std::string_view kScheme = "Basic ";
  // The text has room for all of it at once, so that no copy is left in memory.
  Secret encoded(absl::Base64Escape(ToAbsl(line)));
  std::string value;
  value.reserve(kScheme.size() + encoded.Reveal().size());
  value.append(kScheme).append(encoded.Reveal());
  return Secret(std::move(value));
}

constexpr std::string_view kNoHeader = "no header, which is `Name: value`";

// Returns what is wrong with the header `name: value`; empty if nothing is.
std::string_view ProblemOf(std::string_view name, std::string_view value) {
  if (!IsToken(name)) return kNoHeader;
  if (!MayBeFixed(name)) {
    return "a header that the gateway, the caller or the connection sets, or that would make "
           "another request of it";
  }
  if (value.empty()) return "a header without a value";
  if (!IsPrintableAscii(value)) return "a value with a character that is not printable ASCII";
  if (name.size() + value.size() > kMaxHeaderBytes) return "a header of more than 4 KiB";
  return {};
}

absl::StatusOr<std::vector<http::SecretHeader>> ReadHeaders(const std::string& file) {
  const absl::StatusOr<Secret> content = ReadWhole(file);
  if (!content.ok()) return content.status();
  std::vector<http::SecretHeader> headers;
  std::string_view rest = content->Reveal();
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const std::string_view line = TakeLine(rest);
    if (StripAsciiWhitespace(line).empty() || line.starts_with('#')) continue;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return WrongLine(file, number, kNoHeader);
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = StripAsciiWhitespace(line.substr(colon + 1));
    if (const std::string_view problem = ProblemOf(name, value); !problem.empty()) {
      return WrongLine(file, number, problem);
    }
    const auto is_same = [name](const http::SecretHeader& other) {
      return EqualsIgnoreCase(name, other.name);
    };
    if (std::ranges::any_of(headers, is_same)) {
      return WrongLine(file, number, "the name of an earlier header");
    }
    if (headers.size() == kMaxHeaders) return WrongLine(file, number, "a 33rd header");
    headers.push_back({std::string(name), Secret(std::string(value))});
  }
  return headers;
}

}  // namespace

AccessFiles FilesOf(const PortalAccess& access) {
  return {.proxy_credential_file = access.proxy.host.empty() ? "" : access.proxy_credential_file,
          .headers_file = access.headers_file};
}

bool MayBeFixed(std::string_view name) {
  const auto is_name = [name](std::string_view other) { return EqualsIgnoreCase(name, other); };
  const auto begins = [name](std::string_view start) { return StartsWithIgnoreCase(name, start); };
  return IsToken(name) && std::ranges::none_of(kReserved, is_name) &&
         std::ranges::none_of(kReservedPrefixes, begins);
}

absl::StatusOr<http::AccessSecrets> ReadAccessFiles(const AccessFiles& files) {
  http::AccessSecrets secrets;
  if (!files.proxy_credential_file.empty()) {
    absl::StatusOr<Secret> credential = ReadProxyCredential(files.proxy_credential_file);
    if (!credential.ok()) return credential.status();
    secrets.proxy_authorization = *std::move(credential);
  }
  if (!files.headers_file.empty()) {
    absl::StatusOr<std::vector<http::SecretHeader>> headers = ReadHeaders(files.headers_file);
    if (!headers.ok()) return headers.status();
    secrets.headers = *std::move(headers);
  }
  return secrets;
}

}  // namespace docspace::gateway

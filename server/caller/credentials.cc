#include "server/caller/credentials.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "server/base/ascii.h"
#include "server/base/erase.h"
#include "server/base/http_chars.h"
#include "server/docspace/status_details.h"

namespace docspace::gateway {
namespace {

using std::literals::operator""sv;

constexpr std::size_t kMaxCredential = 16 * 1024;
constexpr std::string_view kCookieName = "asc_auth_key";

absl::Status Invalid(const char* message) {
  return MakeError(absl::StatusCode::kInvalidArgument, message,
                   {.reason = ErrorReason::kCredentialsInvalid});
}

// Returns whether `token` is base64, as RFC 4648 section 4 defines it and with its padding, of a
// user's name, a colon and a password (RFC 7617 section 2). The portal fails with 500 on anything
// else.
bool IsBasicToken(std::string_view token) {
  const std::size_t padding = token.size() - (token.find_last_not_of('=') + 1);
  const std::string_view digits = token.substr(0, token.size() - padding);
  const bool is_base64 =
      token.size() % 4 == 0 && padding <= 2 && std::ranges::all_of(digits, [](char c) {
        return absl::ascii_isalnum(c) || c == '+' || c == '/';
      });
  std::string plain;
  const bool is_pair = is_base64 && absl::Base64Unescape(ToAbsl(token), &plain) &&
                       plain.find(':') != std::string::npos;
  Erase(plain.data(), plain.capacity());
  return is_pair;
}

// Returns whether `text` consists of cookie-octets, RFC 6265 section 4.1.1.
bool IsCookieValue(std::string_view text) {
  return !text.empty() && IsVisibleAscii(text) && std::ranges::none_of("\",;\\"sv, [text](char c) {
    return text.find(c) != std::string_view::npos;
  });
}

// Builds the value in place, so that no copy of the secret is left behind.
http::Credential Make(std::string name, std::string_view prefix, std::string_view value) {
  std::string header;
  header.reserve(prefix.size() + value.size());
  return {std::move(name), Secret(std::move(header.append(prefix).append(value)))};
}

// Writes the scheme in the only spelling that the portal accepts, because the portal compares it
// case-sensitively.
absl::StatusOr<http::Credential> FromAuthorization(std::string_view value) {
  value = StripAsciiWhitespace(value);
  const std::string_view scheme = value.substr(0, value.find(' '));
  const std::string_view token = StripAsciiWhitespace(value.substr(scheme.size()));
  if (!IsToken68(token)) return Invalid("authorization is not a scheme and a token");
  if (EqualsIgnoreCase(scheme, "basic")) {
    if (!IsBasicToken(token)) return Invalid("authorization: Basic is not base64 of user:password");
    return Make("Authorization", "Basic ", token);
  }
  if (EqualsIgnoreCase(scheme, "bearer")) return Make("Authorization", "Bearer ", token);
  return Invalid("authorization must be Basic or Bearer");
}

// Makes a bearer token of the key, because the portal accepts that and ignores a header named
// ApiKeyBearer.
absl::StatusOr<http::Credential> FromApiKey(std::string_view value) {
  value = StripAsciiWhitespace(value);
  if (!value.starts_with("sk-") || !IsToken68(value)) {
    return Invalid("apikeybearer must be an API key, sk-…");
  }
  return Make("Authorization", "Bearer ", value);
}

absl::StatusOr<http::Credential> FromSessionToken(std::string_view value) {
  value = StripAsciiWhitespace(value);
  if (!IsCookieValue(value)) return Invalid("asc_auth_key is not a session token");
  return Make("Cookie", "asc_auth_key=", value);
}

// Returns the value of the portal's cookie in a Cookie header; no other cookie is ever forwarded.
// If it occurs twice with different values, returns an empty text, which is not a token.
std::optional<std::string_view> SessionCookieIn(std::string_view cookies) {
  std::optional<std::string_view> found;
  while (!cookies.empty()) {
    const std::string_view pair = cookies.substr(0, cookies.find(';'));
    cookies.remove_prefix(std::min(cookies.size(), pair.size() + 1));
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos ||
        StripAsciiWhitespace(pair.substr(0, equals)) != kCookieName) {
      continue;
    }
    const std::string_view value = pair.substr(equals + 1);
    found = found && *found != value ? std::string_view() : value;
  }
  return found;
}

}  // namespace

absl::StatusOr<http::Credential> ParseCredential(const MetadataView& metadata) {
  std::optional<http::Credential> found;
  for (const auto& [name, value] : metadata) {
    const bool is_credential = name == "authorization" || name == "apikeybearer" ||
                               name == kCookieName || name == "cookie";
    if (!is_credential) continue;
    if (value.size() > kMaxCredential) return Invalid("a credential is longer than 16 KiB");
    if (!IsPrintableAscii(value)) return Invalid("a credential holds a byte outside 0x20-0x7E");

    absl::StatusOr<http::Credential> credential = absl::UnknownError("");
    if (name == "authorization") {
      credential = FromAuthorization(value);
    } else if (name == "apikeybearer") {
      credential = FromApiKey(value);
    } else if (name == kCookieName) {
      credential = FromSessionToken(value);
    } else {
      const auto token = SessionCookieIn(value);
      if (!token) continue;
      credential = FromSessionToken(*token);
    }
    if (!credential.ok()) return credential;
    if (found && !(found->name == credential->name && found->value == credential->value)) {
      return Invalid("the call carries two different credentials; send exactly one");
    }
    found = *std::move(credential);
  }
  if (!found) {
    return MakeError(absl::StatusCode::kUnauthenticated,
                     "the call carries no credential: send authorization, apikeybearer or "
                     "asc_auth_key as metadata",
                     {.reason = ErrorReason::kCredentialsMissing});
  }
  return *std::move(found);
}

}  // namespace docspace::gateway

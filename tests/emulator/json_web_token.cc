#include "tests/emulator/json_web_token.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

namespace docspace::emulator {
namespace {

namespace json = boost::json;

std::string Base64Url(std::string_view bytes) {
  std::string text = Base64(bytes);
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  text.erase(std::min(text.find('='), text.size()));
  return text;
}

// The three parts of a token.
struct Parts {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
};

std::optional<Parts> PartsOf(std::string_view token) {
  if (std::count(token.begin(), token.end(), '.') != 2) return std::nullopt;
  const std::size_t first = token.find('.');
  const std::size_t last = token.rfind('.');
  return Parts{.header = token.substr(0, first),
               .payload = token.substr(first + 1, last - first - 1),
               .signature = token.substr(last + 1)};
}

std::optional<json::object> FromBase64UrlJson(std::string_view text) {
  std::string padded(text);
  std::replace(padded.begin(), padded.end(), '-', '+');
  std::replace(padded.begin(), padded.end(), '_', '/');
  padded.append((4 - padded.size() % 4) % 4, '=');
  const std::optional<std::string> decoded = FromBase64(padded);
  if (!decoded) return std::nullopt;
  boost::system::error_code error;
  const json::value value = json::parse(*decoded, error);
  if (error || !value.is_object()) return std::nullopt;
  return value.get_object();
}

std::int64_t UnixSeconds(Time time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

std::string Text(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

Time Instant(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_int64()) return Time();
  // The end of the year 9999. Ticks can represent 29,000 years, but a token can hold any number.
  constexpr std::int64_t kLatest = 253'402'300'799;
  return Time(std::chrono::seconds(std::clamp<std::int64_t>(value->get_int64(), 0, kLatest)));
}

std::vector<std::string> Scopes(const json::object& object) {
  const json::value* value = object.if_contains("scope");
  if (value == nullptr || !value->is_array()) return {Text(object, "scope")};
  std::vector<std::string> scopes;
  for (const json::value& scope : value->get_array()) {
    if (scope.is_string()) scopes.emplace_back(scope.get_string());
  }
  return scopes;
}

}  // namespace

std::string Base64(std::string_view bytes) {
  const std::basic_string<unsigned char> input(bytes.begin(), bytes.end());
  std::basic_string<unsigned char> output(4 * ((input.size() + 2) / 3) + 1, 0);
  const int size = EVP_EncodeBlock(output.data(), input.data(), static_cast<int>(input.size()));
  return std::string(output.begin(), output.begin() + size);
}

std::optional<std::string> FromBase64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  const std::basic_string<unsigned char> input(text.begin(), text.end());
  std::basic_string<unsigned char> output(text.size(), 0);
  const int size = EVP_DecodeBlock(output.data(), input.data(), static_cast<int>(input.size()));
  if (size < 0) return std::nullopt;
  // OpenSSL includes the padding in the number of bytes.
  const std::ptrdiff_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  return std::string(output.begin(), output.begin() + size - padding);
}

std::string JsonWebTokens::Sign(std::string_view text) const {
  const std::basic_string<unsigned char> input(text.begin(), text.end());
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), signing_key_.data(), static_cast<int>(signing_key_.size()), input.data(),
       input.size(), digest.data(), &size);
  return Base64Url(std::string(digest.begin(), digest.begin() + size));
}

std::string JsonWebTokens::Mint(const Claims& claims) const {
  const json::object payload{{"sub", claims.subject},
                             {"scope", json::array(claims.scopes.begin(), claims.scopes.end())},
                             {"iat", UnixSeconds(claims.issued_at)},
                             {"exp", UnixSeconds(claims.expires_at)}};
  const std::string signed_part =
      Base64Url(R"({"alg":"HS256","typ":"JWT"})") + "." + Base64Url(json::serialize(payload));
  return signed_part + "." + Sign(signed_part);
}

JsonWebTokens::Form JsonWebTokens::FormOf(std::string_view text) {
  const std::optional<Parts> parts = PartsOf(text);
  if (!parts) return Form::kOther;
  return FromBase64UrlJson(parts->header) && FromBase64UrlJson(parts->payload) ? Form::kToken
                                                                               : Form::kMalformed;
}

std::optional<Claims> JsonWebTokens::Verify(std::string_view token, Time now) const {
  const std::optional<Parts> parts = PartsOf(token);
  if (!parts) return std::nullopt;

  const std::string expected = Sign(token.substr(0, token.rfind('.')));
  if (parts->signature.size() != expected.size() ||
      CRYPTO_memcmp(parts->signature.data(), expected.data(), expected.size()) != 0) {
    return std::nullopt;
  }
  const auto header = FromBase64UrlJson(parts->header);
  const auto payload = FromBase64UrlJson(parts->payload);
  if (!header || !payload || Text(*header, "alg") != "HS256") return std::nullopt;

  Claims claims{.subject = Text(*payload, "sub"),
                .scopes = Scopes(*payload),
                .issued_at = Instant(*payload, "iat"),
                .expires_at = Instant(*payload, "exp")};
  if (claims.expires_at <= now) return std::nullopt;
  return claims;
}

}  // namespace docspace::emulator

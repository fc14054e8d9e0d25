#include "client/cpp/credential.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

namespace docspace::apikeys {
namespace {

constexpr std::string_view kBasic = "Basic ";
constexpr std::string_view kBearer = "Bearer ";

bool IsVisibleAscii(unsigned char byte) { return byte > 0x20 && byte < 0x7F; }

bool IsControl(unsigned char byte) { return byte < 0x20 || byte == 0x7F; }

ApiKeysError Refusal(std::string message) {
  ApiKeysError error;
  error.code = grpc::StatusCode::INVALID_ARGUMENT;
  error.reason = "CREDENTIALS_INVALID";
  error.message = std::move(message);
  return error;
}

std::optional<ApiKeysError> CheckToken(std::string_view kind, std::string_view prefix,
                                       std::string_view token) {
  if (token.empty()) return Refusal(std::string(kind) + " is empty");
  if (prefix.size() + token.size() > kCredentialLimit) {
    return Refusal(std::string(kind) + " is longer than 16 KiB");
  }
  if (!std::all_of(token.begin(), token.end(), IsVisibleAscii)) {
    return Refusal(
        std::string(kind) +
        " contains a space, a control character or a character outside ASCII: it must be "
        "the token alone, without a scheme word");
  }
  return std::nullopt;
}

// Joins two texts. Reserves all memory first, because a string that grows leaves copies behind.
std::string Concatenate(std::string_view first, std::string_view second) {
  std::string both;
  both.reserve(first.size() + second.size());
  both.append(first).append(second);
  return both;
}

void AppendBase64(std::string_view bytes, std::string& out) {
  static constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      bits = bits << 8 | (i < count ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      out += i <= count ? kAlphabet[bits >> (18 - 6 * i) & 0x3F] : '=';
    }
  }
}

}  // namespace

Result<Credential> Credential::Basic(std::string_view email, std::string_view password) {
  if (email.empty() || password.empty()) return Refusal("the email or the password is empty");
  // Base64 encodes three bytes as four characters.
  if (kBasic.size() + (email.size() + 1 + password.size() + 2) / 3 * 4 > kCredentialLimit) {
    return Refusal("the email and the password are longer than 12 KiB");
  }
  if (std::any_of(email.begin(), email.end(), IsControl) ||
      std::any_of(password.begin(), password.end(), IsControl)) {
    return Refusal("the email or the password contains a control character");
  }
  if (email.find(':') != std::string_view::npos) return Refusal("the email contains a colon");
  std::string pair_bytes = Concatenate(email, ":");
  pair_bytes.reserve(email.size() + 1 + password.size());
  pair_bytes.append(password);
  const Secret pair(std::move(pair_bytes));
  std::string value;
  value.reserve(pair.Reveal().size() / 3 * 4 + 16);
  value.append(kBasic);
  AppendBase64(pair.Reveal(), value);
  return Credential("authorization", Secret(std::move(value)));
}

Result<Credential> Credential::Bearer(std::string_view jwt) {
  if (auto refusal = CheckToken("the bearer token", kBearer, jwt)) return *std::move(refusal);
  return Credential("authorization", Secret(Concatenate(kBearer, jwt)));
}

Result<Credential> Credential::OAuth2(std::string_view token) { return Bearer(token); }

Result<Credential> Credential::OpenId(std::string_view token) { return Bearer(token); }

Result<Credential> Credential::ApiKey(std::string_view key) {
  if (auto refusal = CheckToken("the API key", "", key)) return *std::move(refusal);
  if (!key.starts_with("sk-")) return Refusal("the API key does not begin with sk-");
  return Credential("apikeybearer", Secret(std::string(key)));
}

Result<Credential> Credential::SessionCookie(std::string_view token) {
  if (auto refusal = CheckToken("the session token", "", token)) return *std::move(refusal);
  if (token.find(';') != std::string_view::npos)
    return Refusal("the session token contains a semicolon");
  return Credential("asc_auth_key", Secret(std::string(token)));
}

void Credential::ApplyTo(grpc::ClientContext& context) const {
  context.AddMetadata(std::string(name_), value_.Reveal());
}

}  // namespace docspace::apikeys

#include "client/cli/doctor/key_checks.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <tuple>
#include <utility>

#include "absl/strings/ascii.h"
#include "client/cli/html_text.h"

namespace docspace::apikeys::cli {
namespace {

using google::protobuf::Timestamp;

constexpr std::string_view kSecretPrefix = "sk-";
constexpr std::size_t kSecretDigits = 64;
constexpr std::size_t kPostfixLength = 4;
constexpr std::string_view kMask = "sk-***";
constexpr std::int64_t kClockTolerance = 10 * 60;
constexpr std::int64_t kSecondsOfDay = 24 * 60 * 60;

bool IsLowerHex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool IsGuid(std::string_view text) {
  constexpr std::array<std::size_t, 4> kHyphens = {8, 13, 18, 23};
  constexpr std::size_t kLength = 36;
  if (text.size() != kLength) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_hyphen = std::find(kHyphens.begin(), kHyphens.end(), i) != kHyphens.end();
    if (is_hyphen ? text[i] != '-' : !absl::ascii_isxdigit(text[i])) return false;
  }
  return true;
}

// Returns `utf8` as MySQL's three-byte UTF-8 stores it.
std::string WithoutLongCharacters(std::string_view utf8) {
  std::string stored;
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const bool is_long = static_cast<unsigned char>(utf8[i]) >= 0xF0;
    stored += is_long ? '?' : utf8[i];
    if (is_long) i += 3;
  }
  return stored;
}

// Returns the difference in nanoseconds; the differences that matter here fit.
std::int64_t Between(const Timestamp& from, const Timestamp& to) {
  constexpr std::int64_t kNanos = 1'000'000'000;
  const std::int64_t seconds =
      std::clamp<std::int64_t>(to.seconds() - from.seconds(), -kSecondsOfDay, kSecondsOfDay);
  return seconds * kNanos + to.nanos() - from.nanos();
}

bool IsLessThanASecondApart(const Timestamp& one, const Timestamp& other) {
  return std::abs(Between(one, other)) < 1'000'000'000;
}

}  // namespace

std::string DifferenceOfSecret(const v1::ApiKey& created) {
  const std::string_view secret = created.key();
  if (!secret.starts_with(kSecretPrefix) || secret.size() != kSecretPrefix.size() + kSecretDigits ||
      !IsLowerHex(secret.substr(kSecretPrefix.size()))) {
    return "the secret is not sk- and 64 hexadecimal digits";
  }
  if (created.key_postfix() != secret.substr(secret.size() - kPostfixLength)) {
    return "keyPostfix is not the end of the secret";
  }
  return "";
}

std::string DifferenceOfCreated(const v1::ApiKey& created, std::string_view permission) {
  if (!IsGuid(created.id())) return "the id is not a GUID";
  if (created.permissions_size() != 1 || created.permissions(0) != permission) {
    return "the permissions are not those that were asked for";
  }
  if (!created.is_active()) return "the key is not active";
  if (created.has_last_used()) return "the key has been used";
  return "";
}

std::string DifferenceOfDates(const v1::ApiKey& created, int days,
                              std::chrono::system_clock::time_point now) {
  if (!created.has_create_on()) return "createOn is absent";
  if (!created.has_expires_at()) return "expiresAt is absent";
  if (created.expires_at().seconds() - created.create_on().seconds() != days * kSecondsOfDay) {
    return "expiresAt is not as many days after createOn as were asked for";
  }
  const auto here = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  if (std::abs(created.create_on().seconds() - here) > kClockTolerance) {
    return "createOn is more than ten minutes from this machine's clock";
  }
  return "";
}

std::string DifferenceOfCreator(const v1::ApiKey& key) {
  const v1::Employee& creator = key.create_by();
  if (!key.has_create_by()) return "createBy is absent";
  if (!IsGuid(creator.id())) return "the creator's id is not a GUID";
  if (creator.display_name().empty()) return "the creator has no displayName";
  if (creator.display_name().find_first_of("<>\"'") != std::string::npos) {
    return "the creator's displayName is not HTML-encoded";
  }
  if (creator.profile_url().find("://") == std::string::npos) {
    return "the creator's profileUrl is not absolute";
  }
  return "";
}

std::string DifferenceOfListed(const v1::ApiKey& created, const v1::ApiKey& listed) {
  if (listed.key() != std::string(kMask) + created.key_postfix()) return "the key is not masked";
  if (listed.key_postfix() != created.key_postfix()) return "keyPostfix is another";
  if (!std::ranges::equal(listed.permissions(), created.permissions())) {
    return "the permissions are different";
  }
  if (listed.is_active() != created.is_active()) return "isActive is another";
  if (listed.create_by().id() != created.create_by().id()) return "the creator is different";
  return "";
}

std::string DifferenceOfKeptDates(const v1::ApiKey& created, const v1::ApiKey& listed) {
  for (const auto& [name, before, after] :
       {std::tuple("createOn", &created.create_on(), &listed.create_on()),
        std::tuple("expiresAt", &created.expires_at(), &listed.expires_at())}) {
    if (!IsLessThanASecondApart(*before, *after)) {
      return std::string(name) + " differs from the creation's by a second or more";
    }
  }
  return "";
}

std::string DifferenceOfOrder(const v1::GetApiKeysResponse& list) {
  for (int i = 1; i < list.api_keys_size(); ++i) {
    const Timestamp& newer = list.api_keys(i - 1).create_on();
    const Timestamp& older = list.api_keys(i).create_on();
    if (std::pair(newer.seconds(), newer.nanos()) < std::pair(older.seconds(), older.nanos())) {
      return "the keys are not listed newest first";
    }
  }
  return "";
}

std::string DifferenceOfEnvelope(const v1::GetApiKeysResponse& list) {
  if (list.has_total()) return "total is present";
  if (list.status() != 0 || !list.has_status()) return "status is not 0";
  if (list.status_code() != 200) return "statusCode is not 200";
  if (list.links_size() != 1 || list.links(0).action() != "GET") return "links is not one GET";
  if (list.links(0).href().find("/api/2.0/keys") == std::string::npos) {
    return "the link does not lead to the keys";
  }
  return "";
}

NameForm FormOf(std::string_view given, std::string_view shown) {
  const std::string stored = WithoutLongCharacters(given);
  const std::string decoded = DecodeHtml(shown);
  if (shown == given) return NameForm::kAsGiven;
  if (shown == stored) return NameForm::kWithoutLongCharacters;
  if (decoded == given) return NameForm::kHtmlEncoded;
  if (decoded == stored) return NameForm::kHtmlEncodedWithoutLongCharacters;
  return NameForm::kOther;
}

Precision PrecisionOf(const v1::ApiKey& listed) {
  constexpr int kNanosOfMicrosecond = 1000;
  const auto all = [&listed](int nanos) {
    return listed.create_on().nanos() % nanos == 0 && listed.expires_at().nanos() % nanos == 0;
  };
  if (listed.create_on().nanos() == 0 && listed.expires_at().nanos() == 0) {
    return Precision::kSeconds;
  }
  return all(kNanosOfMicrosecond) ? Precision::kMicroseconds : Precision::kExact;
}

}  // namespace docspace::apikeys::cli

// Compares a key that a portal has returned with docs/portal-api.md#apikeyresponsedto.
#ifndef CLIENT_CLI_DOCTOR_KEY_CHECKS_H_
#define CLIENT_CLI_DOCTOR_KEY_CHECKS_H_

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "docspace/apikeys/v1/api_keys.pb.h"

namespace docspace::apikeys::cli {

// Each function returns what is different, as the end of a sentence, or an empty string. No result
// repeats a secret.

// `created` is the response to a creation of a key of that name for that many days, at `now`.
std::string DifferenceOfSecret(const v1::ApiKey& created);
std::string DifferenceOfCreated(const v1::ApiKey& created, std::string_view permission);
std::string DifferenceOfDates(const v1::ApiKey& created, int days,
                              std::chrono::system_clock::time_point now);
std::string DifferenceOfCreator(const v1::ApiKey& key);

// `listed` is a later response with the same key.
std::string DifferenceOfListed(const v1::ApiKey& created, const v1::ApiKey& listed);
std::string DifferenceOfKeptDates(const v1::ApiKey& created, const v1::ApiKey& listed);

// `list` is the response to GetApiKeys.
std::string DifferenceOfOrder(const v1::GetApiKeysResponse& list);
std::string DifferenceOfEnvelope(const v1::GetApiKeysResponse& list);

// The form in which the portal returns a name.
enum class NameForm {
  kAsGiven,
  // The name has `&lt;` for `<` and so on.
  kHtmlEncoded,
  // The name has `?` for each character beyond U+FFFF.
  kWithoutLongCharacters,
  kHtmlEncodedWithoutLongCharacters,
  kOther,
};
NameForm FormOf(std::string_view given, std::string_view shown);

// The precision of dates in later responses.
enum class Precision { kSeconds, kMicroseconds, kExact };
Precision PrecisionOf(const v1::ApiKey& listed);

}  // namespace docspace::apikeys::cli

#endif  // CLIENT_CLI_DOCTOR_KEY_CHECKS_H_

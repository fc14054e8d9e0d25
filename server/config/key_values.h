// Lists such as `key=value,other=value`, as OpenTelemetry's variables have them.
#ifndef SERVER_CONFIG_KEY_VALUES_H_
#define SERVER_CONFIG_KEY_VALUES_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace docspace::gateway {

using KeyValues = std::vector<std::pair<std::string, std::string>>;

// Parses pairs that are separated by commas, in the form of W3C Baggage without properties: spaces
// around keys and values are removed, and values are percent-decoded. Empty items are left out.
// Returns INVALID_ARGUMENT if an item has no `=`, if a key is no token of HTTP (RFC 9110 section
// 5.6.2), or if a `%` is not followed by two hexadecimal digits; the message continues a sentence
// and repeats nothing of the text.
absl::StatusOr<KeyValues> ParseKeyValues(std::string_view text);

}  // namespace docspace::gateway

#endif  // SERVER_CONFIG_KEY_VALUES_H_

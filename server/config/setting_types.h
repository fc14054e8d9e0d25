// The types of settings: each makes a parser of values for a member of Config.
#ifndef SERVER_CONFIG_SETTING_TYPES_H_
#define SERVER_CONFIG_SETTING_TYPES_H_

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "server/config/config.h"

namespace docspace::gateway {

// Parses a value into the configuration. Returns INVALID_ARGUMENT if the value is wrong; the
// message continues a sentence that begins with the name of the setting, and repeats no value.
using SettingParser = std::function<absl::Status(const std::string& value, Config& config)>;

// Returns the member of a configuration that a setting sets.
template <class Value>
using Member = Value& (*)(Config&);

// Returns INVALID_ARGUMENT with the message `what`.
absl::Status InvalidSetting(const std::string& what);

// Returns the items between commas; none for an empty value.
std::vector<std::string> SplitItems(const std::string& value);

// Parses a whole number from `least` to `most`. Helm renders large numbers as `2.68435456e+08`, so
// a fraction or an exponent is accepted if the number is whole.
SettingParser ParseCount(Member<std::size_t> member, std::size_t least, std::size_t most);

// Parses a number from 0 to 1, also with an exponent, such as `1e-05`.
SettingParser ParseRatio(Member<double> member);

// Parses a duration such as `250ms`, `30s` or `10m`, from `least` to 24 hours.
SettingParser ParseDuration(
    Member<std::chrono::steady_clock::duration> member,
    std::chrono::steady_clock::duration least = std::chrono::milliseconds(1));

// Parses `on` or `off`, and the other spellings that YAML reads in the same way: `true`, `Off`,
// `FALSE`, …
SettingParser ParseSwitch(Member<bool> member);

// Accepts any text.
SettingParser ParseText(Member<std::string> member);

// Parses the path of a file that exists into `file`. An empty value names none.
absl::Status ParseFileName(const std::string& value, std::string& file);
SettingParser ParseFile(Member<std::string> member);

// Parses `address:port`. An empty value is accepted if `may_be_empty`.
SettingParser ParseAddress(Member<std::string> member, bool may_be_empty = false);

// Parses host names or addresses without ports, separated by commas.
SettingParser ParseHostNames(Member<std::vector<std::string>> member);

// Parses one of `words`, each of which comes with the value that it stands for.
template <class Value>
SettingParser ParseOneOf(Member<Value> member,
                         std::vector<std::pair<std::string_view, Value>> words) {
  return [member, words = std::move(words)](const std::string& value, Config& config) {
    std::string names;
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (words[i].first == value) {
        member(config) = words[i].second;
        return absl::OkStatus();
      }
      if (i != 0) names.append(i + 1 < words.size() ? ", " : " or ");
      names.append(words[i].first);
    }
    return InvalidSetting("must be " + names);
  };
}

}  // namespace docspace::gateway

#endif  // SERVER_CONFIG_SETTING_TYPES_H_

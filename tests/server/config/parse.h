// Parses configurations in tests, and makes the files that settings name.
#ifndef TESTS_SERVER_CONFIG_PARSE_H_
#define TESTS_SERVER_CONFIG_PARSE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/config/parse_config.h"

namespace docspace::gateway::testkit {

using Environment = std::map<std::string, std::string>;

inline constexpr const char* kPortalUrl = "https://portal.example";

absl::StatusOr<ParsedConfig> ParseAll(const std::vector<std::string>& arguments,
                                      const Environment& environment = {});
absl::StatusOr<Config> Parse(const std::vector<std::string>& arguments,
                             const Environment& environment = {});

// Returns the path of a file that exists.
std::string ExistingFile();
// Returns the path of a file with this text, which replaces the one before it.
std::string HeadersFile(const std::string& text = "x-scope=planted%20keys\n");
// Returns the path of a configuration file with this text, which replaces the one before it.
std::string ConfigFile(const std::string& text);

// Throws if no setting has this flag.
const Setting& FindSetting(std::string_view flag);

}  // namespace docspace::gateway::testkit

#endif  // TESTS_SERVER_CONFIG_PARSE_H_

#include "tests/server/config/parse.h"

#include <gtest/gtest.h>

#include <fstream>
#include <stdexcept>
#include <utility>

namespace docspace::gateway::testkit {

absl::StatusOr<ParsedConfig> ParseAll(const std::vector<std::string>& arguments,
                                      const Environment& environment) {
  return ParseConfig(arguments, [&environment](const char* name) -> const char* {
    const auto found = environment.find(name);
    return found == environment.end() ? nullptr : found->second.c_str();
  });
}

absl::StatusOr<Config> Parse(const std::vector<std::string>& arguments,
                             const Environment& environment) {
  auto parsed = ParseAll(arguments, environment);
  if (!parsed.ok()) return parsed.status();
  return std::move(parsed->config);
}

std::string ExistingFile() {
  std::string path = ::testing::TempDir() + "/config_test_file";
  std::ofstream(path) << "x";
  return path;
}

std::string HeadersFile(const std::string& text) {
  std::string path = ::testing::TempDir() + "/config_test_headers";
  std::ofstream(path) << text;
  return path;
}

std::string ConfigFile(const std::string& text) {
  std::string path = ::testing::TempDir() + "/config_test.yaml";
  std::ofstream(path) << text;
  return path;
}

const Setting& FindSetting(std::string_view flag) {
  for (const Setting& setting : SettingsTable()) {
    if (setting.name.flag == flag) return setting;
  }
  throw std::out_of_range("no such setting");
}

}  // namespace docspace::gateway::testkit

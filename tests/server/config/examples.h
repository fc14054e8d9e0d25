// An example value of each setting, and the resulting configuration.
#ifndef TESTS_SERVER_CONFIG_EXAMPLES_H_
#define TESTS_SERVER_CONFIG_EXAMPLES_H_

#include <string>
#include <string_view>
#include <vector>

#include "tests/server/config/parse.h"

namespace docspace::gateway::testkit {

struct Example {
  std::string_view flag;
  std::string value;
  std::string (*read)(const Config& config);
  std::string expected;
};

// Returns one example for each setting except --config-file.
const std::vector<Example>& Examples();

// Returns the further settings, as environment variables, that this setting needs for a valid
// configuration.
Environment EnvironmentFor(std::string_view flag);

}  // namespace docspace::gateway::testkit

#endif  // TESTS_SERVER_CONFIG_EXAMPLES_H_

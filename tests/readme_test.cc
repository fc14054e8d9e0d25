// Compares two pages of the documentation with the code whose facts they repeat.
// tools/check/readme.sh runs their commands.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "server/config/render_config.h"

namespace docspace::gateway {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string Read(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Documentation, ListsTheSettingsAsTheyAre) {
  EXPECT_THAT(Read("docs/configuration.md"), HasSubstr(ReferenceTable()));
}

TEST(Documentation, ListsTheDeprecatedNamesOfSettings) {
  EXPECT_THAT(Read("docs/configuration.md"), HasSubstr(DeprecatedNamesTable()));
}

TEST(Documentation, ShowsTheFirstCallAsItIsCompiled) {
  const std::string example = Read("client/cpp/example/first_call.cc");
  ASSERT_THAT(example, Not(IsEmpty()));
  EXPECT_THAT(Read("docs/clients/cpp.md"), HasSubstr("```cpp\n" + example + "```\n"));
}

}  // namespace
}  // namespace docspace::gateway

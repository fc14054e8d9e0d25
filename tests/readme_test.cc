// The README repeats what code decides in two places; here it is held to them. Its commands are run
// by tools/readme.sh.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "server/config/config.h"

namespace docspace::gateway {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string Read(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Readme, ListsTheSettingsAsTheyAre) {
  EXPECT_THAT(Read("README.md"), HasSubstr(ReferenceTable()));
}

TEST(Readme, ShowsTheFirstCallAsItIsCompiled) {
  const std::string example = Read("client/cpp/example/first_call.cc");
  ASSERT_THAT(example, Not(IsEmpty()));
  EXPECT_THAT(Read("README.md"), HasSubstr("```cpp\n" + example + "```\n"));
}

}  // namespace
}  // namespace docspace::gateway

#include "server/log/log_level.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace docspace::gateway {
namespace {

TEST(LogLevel, HasFiveNames) {
  for (const char* name : {"debug", "info", "warning", "error", "off"}) {
    ASSERT_TRUE(LogLevelOf(name)) << name;
    EXPECT_EQ(NameOf(*LogLevelOf(name)), name);
  }
  for (const char* name : {"", "warn", "trace", "INFO", "info "}) {
    EXPECT_EQ(LogLevelOf(name), std::nullopt) << name;
  }
}

TEST(LogLevel, ChangesByOneStepToTheLast) {
  const auto walk = [](LogLevel (*step)(LogLevel), LogLevel from) {
    std::string names;
    for (int i = 0; i < 5; ++i, from = step(from)) names.append(NameOf(from)).append(" ");
    return names + std::string(NameOf(from));
  };
  EXPECT_EQ(walk(&LessVerbose, spdlog::level::debug), "debug info warning error off off");
  EXPECT_EQ(walk(&MoreVerbose, spdlog::level::off), "off error warning info debug debug");
}

}  // namespace
}  // namespace docspace::gateway

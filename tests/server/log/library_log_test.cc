#include "server/log/library_log.h"

#include <gmock/gmock.h>
#include <google/protobuf/stubs/logging.h>
#include <grpc/grpc.h>
#include <grpc/support/log.h>
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <boost/json.hpp>
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "absl/base/internal/raw_logging.h"
#include "tests/testkit/gateway_under_test.h"

namespace docspace::gateway {
namespace {

namespace json = boost::json;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::SizeIs;

class LibraryLog : public ::testing::Test {
 protected:
  LibraryLog() {
    grpc_init();
    LogLibrariesThrough(log_.logger(), [this] { ++flushes_; });
  }
  ~LibraryLog() override {
    SumUpLibraryLog(std::chrono::steady_clock::time_point::max());
    LogLibrariesThrough(nullptr);
    grpc_shutdown();
  }

  std::vector<json::object> Lines() const {
    std::vector<json::object> lines;
    for (const std::string& line : log_.Lines()) lines.push_back(json::parse(line).as_object());
    return lines;
  }

  // Returns the counts since the test began.
  std::map<std::string, std::uint64_t> Counts() const {
    std::map<std::string, std::uint64_t> counts;
    for (const LibraryMessages& messages : CountLibraryMessages()) {
      counts[std::string(messages.library)] = messages.count;
    }
    for (const LibraryMessages& messages : before_) {
      counts[std::string(messages.library)] -= messages.count;
    }
    return counts;
  }

  const testkit::KeptLog log_;
  const std::vector<LibraryMessages> before_ = CountLibraryMessages();
  int flushes_ = 0;
};

TEST_F(LibraryLog, G23_AMessageOfGrpcIsALineThatTellsWhereAndNotWhat) {
  gpr_log(GPR_ERROR, "a \"%s\" with planted-value \xff", "complaint");
  gpr_log(GPR_DEBUG, "a remark");
  ASSERT_THAT(Lines(), SizeIs(1));
  const json::object line = Lines().at(0);
  EXPECT_EQ(line.at("event"), "library");
  EXPECT_EQ(line.at("level"), "warning");
  EXPECT_EQ(line.at("library"), "grpc");
  EXPECT_THAT(std::string(line.at("source").as_string()),
              MatchesRegex("library_log_test.cc:[0-9]+"));
  EXPECT_FALSE(line.contains("message"));
}

TEST_F(LibraryLog, G23_AKnownMessageIsNamedByItsBeginning) {
  gpr_log(GPR_ERROR, "Handshaking failed: {planted-value}");
  ASSERT_THAT(Lines(), SizeIs(1));
  EXPECT_EQ(Lines().at(0).at("message"), "Handshaking failed");
}

TEST_F(LibraryLog, G23_ProtobufAndAbseilComeToTheLogToo) {
  GOOGLE_LOG(ERROR) << "String field 'planted' contains invalid UTF-8: \xff";
  ABSL_RAW_LOG(WARNING, "planted %s", "value");
  ASSERT_THAT(Lines(), SizeIs(2));
  EXPECT_EQ(Lines().at(0).at("library"), "protobuf");
  EXPECT_EQ(Lines().at(1).at("library"), "absl");
  for (const std::string& line : log_.Lines()) {
    EXPECT_EQ(line.find("planted"), std::string::npos) << line;
  }
}

TEST_F(LibraryLog, G23_AStormIsCountedAndSummedUp) {
  for (int i = 0; i < 1000; ++i) gpr_log(GPR_ERROR, "storm %d", i);
  EXPECT_THAT(Lines(), SizeIs(10));
  EXPECT_EQ(Counts().at("grpc"), 1000U);
  SumUpLibraryLog();
  EXPECT_THAT(Lines(), SizeIs(10));
  SumUpLibraryLog(std::chrono::steady_clock::time_point::max());
  ASSERT_THAT(Lines(), SizeIs(11));
  EXPECT_EQ(Lines().at(10).at("event"), "suppressed");
  EXPECT_EQ(Lines().at(10).at("library"), "grpc");
  EXPECT_EQ(Lines().at(10).at("count"), 990);
}

TEST_F(LibraryLog, G23_TheLevelIsObeyedAndTheCountGoesOn) {
  log_.logger()->set_level(spdlog::level::off);
  ::testing::internal::CaptureStderr();
  gpr_log(GPR_ERROR, "a complaint");
  GOOGLE_LOG(ERROR) << "another";
  ABSL_RAW_LOG(ERROR, "and another");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  EXPECT_THAT(Lines(), IsEmpty());
  for (const auto& [library, count] : Counts()) EXPECT_EQ(count, 1U) << library;
}

TEST_F(LibraryLog, WhatEndsTheProcessIsFlushedAndNeverSuppressed) {
  for (int i = 0; i < 100; ++i) gpr_log(GPR_ERROR, "assertion failed: %d", i);
  EXPECT_THAT(Lines(), SizeIs(100));
  EXPECT_EQ(Lines().at(0).at("message"), "assertion failed");
  EXPECT_EQ(flushes_, 100);
}

}  // namespace
}  // namespace docspace::gateway

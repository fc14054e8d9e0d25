#include "server/log/library_log.h"

#include <gmock/gmock.h>
#include <grpc/grpc.h>
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <boost/json.hpp>
#include <chrono>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "tests/server/log/messages_of_libraries.h"
#include "tests/testkit/gateway_under_test.h"

namespace docspace::gateway {
namespace {

namespace json = boost::json;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class LibraryLog : public ::testing::Test {
 protected:
  LibraryLog() {
    grpc_init();
    LogLibrariesThrough(log_.logger());
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
};

TEST_F(LibraryLog, G23_AMessageOfGrpcIsALineThatTellsWhereAndNotWhat) {
  LogErrorOfGrpc("a \"complaint\" with planted-value \xff");
  LogRemarkOfGrpc("a remark");
  ASSERT_THAT(Lines(), SizeIs(1));
  const json::object line = Lines().at(0);
  EXPECT_EQ(line.at("event"), "library");
  EXPECT_EQ(line.at("level"), "warning");
  EXPECT_EQ(line.at("library"), "grpc");
  EXPECT_EQ(line.at("source"), "call.cc:1");
  EXPECT_FALSE(line.contains("message"));
}

TEST_F(LibraryLog, G23_AKnownMessageIsNamedByItsBeginning) {
  LogErrorOfGrpc("Handshaking failed: {planted-value}");
  ASSERT_THAT(Lines(), SizeIs(1));
  EXPECT_EQ(Lines().at(0).at("message"), "Handshaking failed");
}

// gRPC 1.83 reports it as a remark, and gRPC 1.51 as an error.
TEST_F(LibraryLog, G23_AFailedHandshakeIsAWarning) {
  LogFailedHandshakeOfGrpc("planted-value");
  ASSERT_THAT(Lines(), SizeIs(1));
  EXPECT_EQ(Lines().at(0).at("level"), "warning");
  EXPECT_TRUE(Lines().at(0).at("message").as_string().starts_with("Handshake failed with "));
}

TEST_F(LibraryLog, G23_ProtobufAndAbseilComeToTheLogToo) {
  LogErrorOfProtobuf("String field 'planted' contains invalid UTF-8: \xff");
  LogWarningOfAbseil("planted value");
  ASSERT_THAT(Lines(), SizeIs(2));
  EXPECT_EQ(Lines().at(0).at("library"), "protobuf");
  EXPECT_EQ(Lines().at(1).at("library"), "absl");
  for (const std::string& line : log_.Lines()) {
    EXPECT_EQ(line.find("planted"), std::string::npos) << line;
  }
}

TEST_F(LibraryLog, G23_AStormIsCountedAndSummedUp) {
  for (int i = 0; i < 1000; ++i) LogErrorOfGrpc("storm " + std::to_string(i));
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
  LogErrorOfGrpc("a complaint");
  LogErrorOfProtobuf("another");
  LogWarningOfAbseil("and another");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  EXPECT_THAT(Lines(), IsEmpty());
  for (const auto& [library, count] : Counts()) EXPECT_EQ(count, 1U) << library;
}

TEST_F(LibraryLog, WhatEndsTheProcessIsFlushedAndNeverSuppressed) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  LogLibrariesThrough(log_.logger(), [this] { std::cerr << log_.Lines().back() << std::endl; });
  const auto storm = [] {
    for (int i = 0; i < 100; ++i) LogErrorOfGrpc("storm " + std::to_string(i));
    FailCheckOfGrpc("planted-value");
  };
  EXPECT_DEATH(storm(), "\"message\":\"(assertion failed|Check failed)\"");
}

}  // namespace
}  // namespace docspace::gateway

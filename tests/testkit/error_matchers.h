// Matchers of a call's result: `EXPECT_THAT(result, IsError(code, reason))` judges the gRPC code
// and the reason of ErrorInfo, and prints the whole error if either differs.
#ifndef TESTS_TESTKIT_ERROR_MATCHERS_H_
#define TESTS_TESTKIT_ERROR_MATCHERS_H_

#include <gmock/gmock.h>
#include <grpcpp/support/status_code_enum.h>

#include <ostream>
#include <string>
#include <utility>

#include "tests/testkit/call_result.h"

namespace docspace::gateway::testkit {

// Matches a CallResult that has that code and that reason. A test of an error states both, because
// one code has several reasons, and clients decide by both.
class IsError {
 public:
  using is_gtest_matcher = void;

  IsError(grpc::StatusCode code, std::string reason) : code_(code), reason_(std::move(reason)) {}

  bool MatchAndExplain(const CallResult& result, std::ostream* /*explanation*/) const {
    return result.status.error_code() == code_ && result.reason() == reason_;
  }
  void DescribeTo(std::ostream* out) const { *out << "is code " << code_ << ", " << reason_; }
  void DescribeNegationTo(std::ostream* out) const {
    *out << "is not code " << code_ << ", " << reason_;
  }

 private:
  grpc::StatusCode code_;
  std::string reason_;
};

// Matches a CallResult whose status has a detail of that type, such as google::rpc::RetryInfo.
template <class Detail>
class HasDetail {
 public:
  using is_gtest_matcher = void;

  bool MatchAndExplain(const CallResult& result, std::ostream* /*explanation*/) const {
    return result.Find<Detail>().has_value();
  }
  void DescribeTo(std::ostream* out) const { *out << "has " << Detail::descriptor()->name(); }
  void DescribeNegationTo(std::ostream* out) const {
    *out << "has no " << Detail::descriptor()->name();
  }
};

}  // namespace docspace::gateway::testkit

#endif  // TESTS_TESTKIT_ERROR_MATCHERS_H_

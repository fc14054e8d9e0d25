// What a caller gets: the status with its rich details, the trailers, and the message.
#ifndef TESTS_TESTKIT_CALL_RESULT_H_
#define TESTS_TESTKIT_CALL_RESULT_H_

#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace docspace::gateway::testkit {

struct CallResult {
  grpc::Status status;
  google::rpc::Status rich;
  std::multimap<std::string, std::string> trailers;

  bool ok() const { return status.ok(); }

  // The detail of that type, as `Find<google::rpc::RetryInfo>()`.
  template <class Detail>
  std::optional<Detail> Find() const {
    for (const auto& any : rich.details()) {
      Detail detail;
      if (any.UnpackTo(&detail)) return detail;
    }
    return std::nullopt;
  }

  // ErrorInfo's; empty where there is none.
  std::string reason() const;
  std::string domain() const;
  std::string metadata(const std::string& name) const;
  // BadRequest's pairs of field and description.
  std::vector<std::pair<std::string, std::string>> violations() const;
  // The first trailer of that name; empty where there is none.
  std::string trailer(const std::string& name) const;
  // All of it that a caller sees, for looking for what it must not see.
  std::string Text() const;
};

// What gtest prints where an expectation fails.
std::ostream& operator<<(std::ostream& out, const CallResult& outcome);

template <class Response>
struct CallResponse : CallResult {
  Response response;
};

// Of a call that has ended.
CallResult CallResultOf(const grpc::Status& status, const grpc::ClientContext& context);

}  // namespace docspace::gateway::testkit

#endif  // TESTS_TESTKIT_CALL_RESULT_H_

// The result of a call as the caller sees it: the status with its rich details, the trailers, and
// the message.
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

  // Returns the first detail of type `Detail`, as in `Find<google::rpc::RetryInfo>()`.
  template <class Detail>
  std::optional<Detail> Find() const {
    for (const auto& any : rich.details()) {
      Detail detail;
      if (any.UnpackTo(&detail)) return detail;
    }
    return std::nullopt;
  }

  // Return the members of ErrorInfo, or an empty string if the status has none.
  std::string reason() const;
  std::string domain() const;
  std::string metadata(const std::string& name) const;
  // Returns the pairs of field and description in BadRequest.
  std::vector<std::pair<std::string, std::string>> violations() const;
  // Returns the first trailer of that name, or an empty string if there is none.
  std::string trailer(const std::string& name) const;
  // Returns everything that the caller sees as one text, so that a test can search it for secrets.
  std::string Text() const;
};

// Prints the result; gtest calls it when an expectation fails.
std::ostream& operator<<(std::ostream& out, const CallResult& outcome);

template <class Response>
struct CallResponse : CallResult {
  Response response;
};

// Returns the result of a call that has ended. The response message is not part of it.
CallResult CallResultOf(const grpc::Status& status, const grpc::ClientContext& context);

}  // namespace docspace::gateway::testkit

#endif  // TESTS_TESTKIT_CALL_RESULT_H_

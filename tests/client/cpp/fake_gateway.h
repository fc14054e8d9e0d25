// A fake gateway for tests of the client: it gives the responses that a test sets and records the
// calls.
#ifndef TESTS_CLIENT_CPP_FAKE_GATEWAY_H_
#define TESTS_CLIENT_CPP_FAKE_GATEWAY_H_

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/cpp/error.h"
#include "docspace/apikeys/v1/api_keys.grpc.pb.h"

namespace docspace::apikeys {

// `ReceivedCall` is a call that the fake gateway received.
struct ReceivedCall {
  std::string rpc;
  std::multimap<std::string, std::string> metadata;
  std::chrono::system_clock::time_point deadline;
  // The request in protobuf's text format.
  std::string request;

  // Returns the values of `name`, in any order.
  std::vector<std::string> Values(const std::string& name) const;
};

// Returns the status with `error` in its details, as the gateway makes it.
grpc::Status StatusOf(const ApiKeysError& error);

// Returns an error of the gateway's domain.
ApiKeysError GatewayError(grpc::StatusCode code, std::string reason, std::string message);

// `FakeGateway` serves on a port of loopback that the kernel chooses. Thread-safe.
class FakeGateway {
 public:
  // Serves plaintext.
  FakeGateway();
  explicit FakeGateway(const std::shared_ptr<grpc::ServerCredentials>& credentials);
  ~FakeGateway();

  const std::string& target() const { return target_; }

  // Sets the response of all calls with this response type. Without it they get an empty one.
  template <typename Response>
  void Answer(const Response& response) {
    const std::lock_guard lock(mutex_);
    answers_[std::string(Response::descriptor()->name())] = response.SerializeAsString();
  }

  // Makes the next call fail with `status`. Several calls of this function set the results of as
  // many successive calls.
  void FailNext(grpc::Status status, std::string trailing_request_id = "");

  // Leaves the next call without a response until the fake is destroyed.
  void StallNext();

  std::vector<ReceivedCall> calls() const;
  // Returns the only call that was received.
  ReceivedCall call() const;

 private:
  class Service;

  struct Failure {
    grpc::Status status;
    std::string request_id;
    bool stall = false;
  };

  grpc::Status Handle(std::string_view rpc, grpc::ServerContext& context,
                      const google::protobuf::Message& request,
                      google::protobuf::Message& response);

  mutable std::mutex mutex_;
  std::condition_variable gone_;
  bool going_ = false;
  std::deque<Failure> failures_;
  std::map<std::string, std::string> answers_;
  std::vector<ReceivedCall> calls_;
  std::unique_ptr<Service> service_;
  std::unique_ptr<grpc::Server> server_;
  std::string target_;
};

}  // namespace docspace::apikeys

#endif  // TESTS_CLIENT_CPP_FAKE_GATEWAY_H_

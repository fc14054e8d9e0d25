// A gateway that answers as it is told and remembers what it was asked, on a port of loopback that
// the kernel chose.
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

// What was asked.
struct ReceivedCall {
  std::string rpc;
  std::multimap<std::string, std::string> metadata;
  std::chrono::system_clock::time_point deadline;
  // In protobuf's text format.
  std::string request;

  // The values of `name`, in any order.
  std::vector<std::string> Values(const std::string& name) const;
};

// The status that carries `error`, as the gateway makes it.
grpc::Status StatusOf(const ApiKeysError& error);

// An error of the gateway's domain.
ApiKeysError GatewayError(grpc::StatusCode code, std::string reason, std::string message);

class FakeGateway {
 public:
  // Over plaintext.
  FakeGateway();
  explicit FakeGateway(const std::shared_ptr<grpc::ServerCredentials>& credentials);
  ~FakeGateway();

  const std::string& target() const { return target_; }

  // The answer of all calls whose response is of this type; an empty one until then.
  template <typename Response>
  void Answer(const Response& response) {
    const std::lock_guard lock(mutex_);
    answers_[std::string(Response::descriptor()->name())] = response.SerializeAsString();
  }

  // The next call fails so; several of these queue up.
  void FailNext(grpc::Status status, std::string trailing_request_id = "");

  // The next call is not answered before the fake goes.
  void StallNext();

  std::vector<ReceivedCall> calls() const;
  // The only call there was.
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

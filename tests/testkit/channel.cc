#include "tests/testkit/channel.h"

#include <grpcpp/create_channel.h>

namespace docspace::gateway::testkit {
namespace {

std::shared_ptr<grpc::Channel> Connect(const std::string& target,
                                       grpc::ChannelArguments arguments) {
  // Otherwise gRPC shares connections between channels of equal arguments.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace

std::shared_ptr<grpc::Channel> NewChannelTo(const std::string& target,
                                            const grpc::ChannelArguments& arguments) {
  grpc::ChannelArguments own = arguments;
  own.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  return Connect(target, own);
}

std::shared_ptr<grpc::Channel> NewRetryingChannelTo(const std::vector<std::string>& addresses) {
  grpc::ChannelArguments arguments;
  arguments.SetServiceConfigJSON(R"({
    "loadBalancingConfig": [{"round_robin": {}}],
    "methodConfig": [{
      "name": [{}],
      "retryPolicy": {
        "maxAttempts": 5,
        "initialBackoff": "0.05s",
        "maxBackoff": "1s",
        "backoffMultiplier": 2,
        "retryableStatusCodes": ["UNAVAILABLE"]
      }
    }]
  })");
  std::string target = "ipv4:";
  for (const std::string& address : addresses) {
    if (target.back() != ':') target += ',';
    target += address;
  }
  return Connect(target, arguments);
}

}  // namespace docspace::gateway::testkit

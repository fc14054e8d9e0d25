// How tests connect to a gateway.
#ifndef TESTS_TESTKIT_CHANNEL_H_
#define TESTS_TESTKIT_CHANNEL_H_

#include <grpcpp/channel.h>
#include <grpcpp/support/channel_arguments.h>

#include <memory>
#include <string>
#include <vector>

namespace docspace::gateway::testkit {

// Plaintext, with connections of its own, and without retries: what the gateway's answer says of
// them is for the test to see.
std::shared_ptr<grpc::Channel> NewChannelTo(const std::string& target,
                                            const grpc::ChannelArguments& arguments = {});

// As callers should connect to several instances, `127.0.0.1:1` and the like: in turn, each call
// tried up to five times while the answer is UNAVAILABLE.
std::shared_ptr<grpc::Channel> NewRetryingChannelTo(const std::vector<std::string>& addresses);

}  // namespace docspace::gateway::testkit

#endif  // TESTS_TESTKIT_CHANNEL_H_

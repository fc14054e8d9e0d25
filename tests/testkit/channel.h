// Channels with which tests connect to a gateway.
#ifndef TESTS_TESTKIT_CHANNEL_H_
#define TESTS_TESTKIT_CHANNEL_H_

#include <grpcpp/channel.h>
#include <grpcpp/support/channel_arguments.h>

#include <memory>
#include <string>
#include <vector>

namespace docspace::gateway::testkit {

// Returns a plaintext channel that shares no connection with another channel and does not retry, so
// that a test sees each response of the gateway.
std::shared_ptr<grpc::Channel> NewChannelTo(const std::string& target,
                                            const grpc::ChannelArguments& arguments = {});

// Returns a channel to several instances, such as `127.0.0.1:1`, as the documentation advises
// callers to connect: round robin, with up to five attempts per call while the status is
// UNAVAILABLE.
std::shared_ptr<grpc::Channel> NewRetryingChannelTo(const std::vector<std::string>& addresses);

}  // namespace docspace::gateway::testkit

#endif  // TESTS_TESTKIT_CHANNEL_H_

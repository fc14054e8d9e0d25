// How tests connect to a gateway.
#ifndef TESTS_TESTING_CHANNEL_H_
#define TESTS_TESTING_CHANNEL_H_

#include <grpcpp/channel.h>
#include <grpcpp/support/channel_arguments.h>

#include <memory>
#include <string>

namespace docspace::gateway::testing {

// Plaintext, with connections of its own, and without retries: what the gateway's answer says of
// them is for the test to see.
std::shared_ptr<grpc::Channel> NewChannelTo(const std::string& target,
                                            const grpc::ChannelArguments& arguments = {});

}  // namespace docspace::gateway::testing

#endif  // TESTS_TESTING_CHANNEL_H_

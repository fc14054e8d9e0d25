#include "server/rpc/server_limits.h"

#include <grpc/grpc.h>
#include <grpcpp/impl/server_builder_option.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/support/channel_arguments.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <limits>
#include <optional>
#include <string_view>

namespace docspace::gateway {
namespace {

// A builder whose channel arguments can be read.
class ReadableBuilder : public grpc::ServerBuilder {
 public:
  // The last value that an argument was set to.
  std::optional<int> Argument(std::string_view name) {
    std::optional<int> value;
    for (const auto& option : options()) {
      grpc::ChannelArguments arguments;
      option->UpdateArguments(&arguments);
      const grpc_channel_args found = arguments.c_channel_args();
      for (std::size_t i = 0; i < found.num_args; ++i) {
        if (name == found.args[i].key) value = found.args[i].value.integer;
      }
    }
    return value;
  }
};

// gRPC counts a ping as excessive if it arrives less than this time after the last one, and closes
// the connection after two. Its clock cannot be set, so the test reads the channel arguments.
TEST(ServerLimitsTest, PeersMayPingEveryFiveSecondsWithAndWithoutCalls) {
  ReadableBuilder builder;
  SetLimits({}, builder);
  const auto interval =
      builder.Argument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS).value_or(300'000);
  EXPECT_LT(interval, 5000);
  EXPECT_GT(interval, 4000);
  EXPECT_EQ(builder.Argument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS), 1);
}

TEST(ServerLimitsTest, TimesAndSizesBeyondTheTypesOfGrpcAreClamped) {
  ReadableBuilder builder;
  SetLimits({.metadata_bytes = std::numeric_limits<std::size_t>::max(),
             .age = std::chrono::steady_clock::duration::max()},
            builder);
  EXPECT_EQ(builder.Argument(GRPC_ARG_MAX_METADATA_SIZE), std::numeric_limits<int>::max());
  EXPECT_EQ(builder.Argument(GRPC_ARG_MAX_CONNECTION_AGE_MS), std::numeric_limits<int>::max());
}

}  // namespace
}  // namespace docspace::gateway

#include "server/rpc/server_limits.h"

#include <grpc/grpc.h>
#include <grpcpp/resource_quota.h>

#include <algorithm>
#include <limits>

namespace docspace::gateway {
namespace {

using std::chrono::milliseconds;

// This is less than the 5 s that peers are allowed, because gRPC counts a ping that arrives a
// little early, by the clock of the receiver, as a violation.
constexpr milliseconds kPingInterval(4'900);

int Number(std::size_t number) {
  return static_cast<int>(
      std::min<std::size_t>(number, static_cast<std::size_t>(std::numeric_limits<int>::max())));
}

int Milliseconds(std::chrono::steady_clock::duration duration) {
  const auto count = std::chrono::duration_cast<milliseconds>(duration).count();
  return static_cast<int>(std::min<milliseconds::rep>(count, std::numeric_limits<int>::max()));
}

}  // namespace

void SetLimits(const ServerLimits& limits, grpc::ServerBuilder& builder) {
  for (int i = GRPC_COMPRESS_NONE + 1; i < GRPC_COMPRESS_ALGORITHMS_COUNT; ++i) {
    builder.SetCompressionAlgorithmSupportStatus(static_cast<grpc_compression_algorithm>(i), false);
  }
  // Without decompression, nothing in the process can decompress a message. The compression of
  // responses stays enabled, because it tells callers that only `identity` is accepted.
  builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  builder.SetMaxReceiveMessageSize(Number(limits.request_bytes));
  builder.SetMaxSendMessageSize(-1);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, Number(limits.metadata_bytes));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, Number(limits.streams));
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, Milliseconds(limits.handshake));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, Milliseconds(limits.idle));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, Milliseconds(limits.age));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, Milliseconds(limits.age_grace));
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             Milliseconds(kPingInterval));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_TCP_MAX_READ_CHUNK_SIZE, Number(kReadBytes));
  grpc::ResourceQuota memory("callers");
  builder.SetResourceQuota(memory.Resize(limits.memory));
}

}  // namespace docspace::gateway

// The limits of every gRPC server of this process.
#ifndef SERVER_RPC_SERVER_LIMITS_H_
#define SERVER_RPC_SERVER_LIMITS_H_

#include <grpcpp/server_builder.h>

#include <chrono>
#include <cstddef>

namespace docspace::gateway {

// The most bytes of one read from a caller. gRPC parses all of them before it does anything else,
// and may create a call for each twenty of them.
inline constexpr std::size_t kReadBytes = std::size_t{16} * 1024;

struct ServerLimits {
  // The largest message, and the largest metadata of a call, in bytes.
  std::size_t request_bytes = 4096;
  std::size_t metadata_bytes = 4096;
  // The most concurrent calls on one connection.
  std::size_t streams = 16;
  // The most bytes that gRPC accounts to its resource quota.
  std::size_t memory = std::size_t{64} * 1024 * 1024;
  // A connection is closed if it has not announced HTTP/2 within `handshake`; if it carries no call
  // for `idle`; and at `age`, after its calls had `age_grace` to end.
  std::chrono::steady_clock::duration handshake = std::chrono::seconds(10);
  std::chrono::steady_clock::duration idle = std::chrono::minutes(15);
  std::chrono::steady_clock::duration age = std::chrono::minutes(30);
  std::chrono::steady_clock::duration age_grace = std::chrono::seconds(30);
};

// Sets the limits, before the server is built. The server accepts and offers no compression,
// because a compressed message can fill the memory with a thousand times its own size. A peer may
// ping every 5 s.
void SetLimits(const ServerLimits& limits, grpc::ServerBuilder& builder);

}  // namespace docspace::gateway

#endif  // SERVER_RPC_SERVER_LIMITS_H_

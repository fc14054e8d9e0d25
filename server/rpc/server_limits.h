// What every gRPC server of this process bounds, whatever it serves.
#ifndef SERVER_RPC_SERVER_LIMITS_H_
#define SERVER_RPC_SERVER_LIMITS_H_

#include <grpcpp/server_builder.h>

#include <chrono>
#include <cstddef>

namespace docspace::gateway {

struct ServerLimits {
  // Of a message and of a call's metadata, in bytes.
  std::size_t request_bytes = 4096;
  std::size_t metadata_bytes = 4096;
  // Calls at a time on one connection.
  std::size_t streams = 16;
  // What gRPC accounts to its resource quota, in bytes.
  std::size_t memory = std::size_t{64} * 1024 * 1024;
  // A connection is closed if it has not said by then that it speaks HTTP/2; if it carries no call
  // for that long; and, after its calls had the grace to end, when it is that old.
  std::chrono::steady_clock::duration handshake = std::chrono::seconds(10);
  std::chrono::steady_clock::duration idle = std::chrono::minutes(15);
  std::chrono::steady_clock::duration age = std::chrono::minutes(30);
  std::chrono::steady_clock::duration age_grace = std::chrono::seconds(30);
};

// To be called before the server is built. The server takes and offers no compression: a thousandth
// of its size is enough to fill the memory with a compressed message. A peer may ping every 5 s.
void SetLimits(const ServerLimits& limits, grpc::ServerBuilder& builder);

}  // namespace docspace::gateway

#endif  // SERVER_RPC_SERVER_LIMITS_H_

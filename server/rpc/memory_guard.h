// Keeps the process's memory within a limit, for any behaviour of its callers.
#ifndef SERVER_RPC_MEMORY_GUARD_H_
#define SERVER_RPC_MEMORY_GUARD_H_

#include <cstddef>
#include <functional>
#include <string_view>
#include <thread>

#include "server/rpc/connections.h"

namespace docspace::gateway {

// MemoryGuard is needed because gRPC 1.51 holds memory that no setting of it bounds: for streams
// that are reset as soon as they begin, for blocks of headers without an end, and for messages that
// are announced but not complete. A thread measures the process's memory, and while it is above the
// limit, it cuts the connection that has sent the most bytes for its age, one after the other.
class MemoryGuard {
 public:
  // `limit` is in bytes of resident memory. `connections` must outlive this object. The guard's
  // thread calls `on_cut` for each connection that it cuts.
  MemoryGuard(std::size_t limit, const Connections& connections,
              std::function<void(std::string_view what)> on_cut);
  // Ends the thread.
  ~MemoryGuard() = default;
  MemoryGuard(const MemoryGuard&) = delete;
  MemoryGuard& operator=(const MemoryGuard&) = delete;

 private:
  void Run(const std::stop_token& stop) const;

  const std::size_t limit_;
  const Connections& connections_;
  const std::function<void(std::string_view what)> on_cut_;
  std::jthread thread_;
};

}  // namespace docspace::gateway

#endif  // SERVER_RPC_MEMORY_GUARD_H_

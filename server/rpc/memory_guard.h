// Keeps the process within its memory, whatever its callers send.
#ifndef SERVER_RPC_MEMORY_GUARD_H_
#define SERVER_RPC_MEMORY_GUARD_H_

#include <cstddef>
#include <functional>
#include <string_view>
#include <thread>

#include "server/rpc/connections.h"

namespace docspace::gateway {

// gRPC 1.51 holds memory that no setting of it bounds: for streams that are reset as soon as they
// are begun, for blocks of headers without an end, for messages that are announced and not
// complete. So a thread looks at the memory that the process has, and if that is too much it cuts
// the connection that has sent the most for its age, again and again until it is not.
class MemoryGuard {
 public:
  // `limit` is in bytes of resident memory. `connections` must outlive this object. `on_cut` is
  // called on the thread here, for each connection that is cut.
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

// The RPCs that failed most recently, for the status page.
#ifndef SERVER_LOG_RECENT_ERRORS_H_
#define SERVER_LOG_RECENT_ERRORS_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>
#include <vector>

#include "server/log/rpc_log.h"

namespace docspace::gateway {

// RecentError describes one failed RPC. Of all that the portal or the caller sent, it has only the
// request's id.
struct RecentError {
  std::chrono::system_clock::time_point time;
  std::string method;
  std::string portal;
  std::string code;
  std::string reason;
  int http_status = 0;
  std::string request_id;
};

// RecentErrors keeps the last kSize errors. Thread-safe.
class RecentErrors {
 public:
  static constexpr std::size_t kSize = 50;

  void Add(const RpcRecord& record);
  // Returns the errors, the newest first.
  std::vector<RecentError> List() const;

 private:
  mutable std::mutex mutex_;
  std::array<RecentError, kSize> errors_;
  std::size_t added_ = 0;
};

}  // namespace docspace::gateway

#endif  // SERVER_LOG_RECENT_ERRORS_H_

#include "server/log/recent_errors.h"

#include <algorithm>

namespace docspace::gateway {

void RecentErrors::Add(const RpcRecord& record) {
  const auto now = std::chrono::system_clock::now();
  const std::lock_guard lock(mutex_);
  // The strings of the oldest error are used again.
  RecentError& error = errors_[added_ % kSize];
  error.time = now;
  error.method = record.method;
  error.portal = record.portal;
  error.code = record.code;
  error.reason = record.reason;
  error.http_status = record.http_status;
  error.request_id = record.request_id;
  ++added_;
}

std::vector<RecentError> RecentErrors::List() const {
  const std::lock_guard lock(mutex_);
  std::vector<RecentError> list;
  for (std::size_t age = 1; age <= std::min(added_, kSize); ++age) {
    list.push_back(errors_[(added_ - age) % kSize]);
  }
  return list;
}

}  // namespace docspace::gateway

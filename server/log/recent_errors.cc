#include "server/log/recent_errors.h"

#include <algorithm>
#include <utility>

namespace docspace::gateway {

void RecentErrors::Add(const RpcRecord& record) {
  RecentError error{.time = std::chrono::system_clock::now(),
                    .method = std::string(record.method),
                    .portal = std::string(record.portal),
                    .code = std::string(record.code),
                    .reason = record.reason,
                    .http_status = record.http_status,
                    .request_id = record.request_id};
  const std::lock_guard lock(mutex_);
  std::swap(errors_[added_++ % kSize], error);
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

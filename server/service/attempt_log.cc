#include "server/service/attempt_log.h"

#include <exception>
#include <utility>
#include <variant>

namespace docspace::gateway {

AttemptLog::AttemptLog(RpcLog& log, std::string_view method, std::string request_id,
                       http::AttemptObserver* next)
    : log_(log), next_(next) {
  record_.method = method;
  record_.request_id = std::move(request_id);
}

std::vector<http::Header> AttemptLog::OnAttemptStart(const http::Origin& origin) {
  ++record_.number;
  started_at_ = std::chrono::steady_clock::now();
  if (next_ == nullptr) return {};
  return next_->OnAttemptStart(origin);
}

void AttemptLog::OnAttemptEnd(const http::Outcome& outcome, bool reused_connection) noexcept {
  if (next_ != nullptr) next_->OnAttemptEnd(outcome, reused_connection);
  try {
    const auto* failure = std::get_if<http::Failure>(&outcome);
    record_.http_status = failure != nullptr ? 0 : std::get<http::Response>(outcome).status;
    record_.failure = failure != nullptr ? failure->detail : "";
    record_.reused_connection = reused_connection;
    record_.duration = std::chrono::steady_clock::now() - started_at_;
    log_.WriteAttempt(record_);
  } catch (const std::exception&) {
    // Without memory for it, this line is left out.
  }
}

}  // namespace docspace::gateway

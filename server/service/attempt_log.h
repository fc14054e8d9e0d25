// Log lines, at level debug, for the attempts of a call at the portal.
#ifndef SERVER_SERVICE_ATTEMPT_LOG_H_
#define SERVER_SERVICE_ATTEMPT_LOG_H_

#include <string>
#include <string_view>
#include <vector>

#include "server/http/attempt_observer.h"
#include "server/http/message.h"
#include "server/http/origin.h"
#include "server/log/rpc_log.h"

namespace docspace::gateway {

// AttemptLog writes a line for each attempt of one call.
class AttemptLog final : public http::AttemptObserver {
 public:
  // `method` must be a literal. `next` observes the attempts as well and adds its headers to them;
  // it may be null.
  AttemptLog(RpcLog& log, std::string_view method, std::string request_id,
             http::AttemptObserver* next);

  std::vector<http::Header> OnAttemptStart(const http::Origin& origin) override;
  void OnAttemptEnd(const http::Outcome& outcome, bool reused_connection) noexcept override;

 private:
  RpcLog& log_;
  http::AttemptObserver* next_;
  AttemptRecord record_;
  std::chrono::steady_clock::time_point started_at_;
};

}  // namespace docspace::gateway

#endif  // SERVER_SERVICE_ATTEMPT_LOG_H_

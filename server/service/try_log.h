// A line of the log, at level debug, for each try of a call upstream.
#ifndef SERVER_SERVICE_TRY_LOG_H_
#define SERVER_SERVICE_TRY_LOG_H_

#include <string>
#include <string_view>
#include <vector>

#include "server/http/message.h"
#include "server/http/origin.h"
#include "server/http/try_listener.h"
#include "server/log/rpc_log.h"

namespace docspace::gateway {

class TryLog final : public http::TryListener {
 public:
  // `method` is a literal. `next` listens too, and marks the tries; null: nobody does.
  TryLog(RpcLog& log, std::string_view method, std::string request_id, http::TryListener* next);

  std::vector<http::Header> OnTry(const http::Origin& origin) override;
  void OnTryEnd(const http::Outcome& outcome, bool reused_connection) noexcept override;

 private:
  RpcLog& log_;
  http::TryListener* next_;
  TryRecord record_;
  std::chrono::steady_clock::time_point started_at_;
};

}  // namespace docspace::gateway

#endif  // SERVER_SERVICE_TRY_LOG_H_

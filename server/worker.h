// One event loop, and what the calls on it share.
#ifndef SERVER_WORKER_H_
#define SERVER_WORKER_H_

#include <functional>
#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/config.h"
#include "server/event_loop.h"
#include "server/http/address_book.h"
#include "server/http/client.h"
#include "server/unary_call.h"

namespace docspace::gateway {

class Worker {
 public:
  // `share` is how many workers there are: each takes its part of the limits that are for all.
  // `resolve` finds the portal's addresses. INVALID_ARGUMENT where the portal's TLS settings cannot
  // be used.
  static absl::StatusOr<std::unique_ptr<Worker>> Create(
      const Config& config, std::size_t share, http::Resolve resolve,
      std::function<void(std::string_view what)> on_exception);

  // Ends the loop first: calls must have ended.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  EventLoop& loop() { return loop_; }
  CallGroup& calls() { return calls_; }
  // To be used on the loop's thread.
  http::Client& portal() { return *portal_; }

 private:
  explicit Worker(std::function<void(std::string_view what)> on_exception);

  EventLoop loop_;
  CallGroup calls_;
  std::unique_ptr<http::Client> portal_;
};

}  // namespace docspace::gateway

#endif  // SERVER_WORKER_H_

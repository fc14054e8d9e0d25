#include "server/drainer.h"

#include <algorithm>
#include <boost/system/error_code.hpp>
#include <thread>
#include <utility>

namespace docspace::gateway {
namespace {

using std::chrono::milliseconds;

// If calls take longer than this, it is better that gRPC tells callers to go elsewhere than that
// the gateway continues to refuse their calls.
constexpr milliseconds kIdleWaitBeforeShutdown(500);
// Closing a connection may lose the bytes that its caller has not received yet.
constexpr milliseconds kLastResponseFlush(50);
// The time between the gateway's response to the calls in flight and gRPC's cancellation of them.
constexpr milliseconds kAnswerBeforeEnd(500);

}  // namespace

Drainer::Drainer(boost::asio::io_context& context, Steps steps)
    : steps_(std::move(steps)),
      answer_timer_(context),
      abort_timer_(context),
      idle_timer_(context) {}

void Drainer::Run(http::Clock::duration grace) {
  const http::Clock::time_point start = http::Clock::now();
  const http::Clock::time_point end = start + grace;
  const http::Clock::duration answer_after =
      grace - std::min<http::Clock::duration>(kAnswerBeforeEnd, grace / 4);
  abort_timer_.expires_at(end + kLastResponseFlush);
  abort_timer_.async_wait([this](boost::system::error_code error) {
    if (!error) steps_.abort_connections();
  });
  // Calls are refused first, because a call should be refused rather than stopped. The abort timer
  // already runs, so connections are aborted in time even if this should block.
  steps_.refuse_calls();
  answer_timer_.expires_at(start + answer_after);
  answer_timer_.async_wait([this](boost::system::error_code error) {
    if (!error) steps_.stop_calls();
  });
  if (BecomesIdle(std::min<http::Clock::duration>(kIdleWaitBeforeShutdown, answer_after))) {
    steps_.close_connections();
  }
  CloseConnectionsOnceIdle(/*was_idle=*/false);
  steps_.shut_down(end);
  // The handlers of the timers must have ended before the timers are destroyed.
  steps_.stop_loops();
}

bool Drainer::BecomesIdle(http::Clock::duration patience) const {
  const http::Clock::time_point until = http::Clock::now() + patience;
  while (!steps_.is_idle()) {
    if (http::Clock::now() >= until) return false;
    std::this_thread::sleep_for(milliseconds(5));
  }
  std::this_thread::sleep_for(std::min<http::Clock::duration>(kLastResponseFlush, patience));
  return true;
}

void Drainer::CloseConnectionsOnceIdle(bool was_idle) {
  idle_timer_.expires_after(kLastResponseFlush);
  idle_timer_.async_wait([this, was_idle](boost::system::error_code error) {
    if (error) return;
    const bool is_idle = steps_.is_idle();
    if (is_idle && was_idle) steps_.close_connections();
    CloseConnectionsOnceIdle(is_idle);
  });
}

}  // namespace docspace::gateway

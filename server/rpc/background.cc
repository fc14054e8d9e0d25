#include "server/rpc/background.h"

#include <boost/asio/post.hpp>
#include <chrono>
#include <exception>
#include <memory>
#include <new>
#include <thread>
#include <utility>

namespace docspace::gateway {
namespace {

// The object that the coroutine waits for. Only the loop's thread uses and destroys it, except for
// `error` while the work runs.
struct Completed {
  explicit Completed(EventLoop& loop)
      : guard(loop), changed(loop.context(), http::Clock::time_point::max()) {}

  const EventLoop::WorkGuard guard;
  http::Timer changed;
  bool is_done = false;
  std::exception_ptr error;
};

// A reference that the first user of the content takes out, so that copies of a task that remain on
// another thread do not destroy the content there.
using Handover = std::shared_ptr<std::shared_ptr<Completed>>;

void Announce(EventLoop& loop, const Handover& handover) {
  while (true) {
    try {
      return loop.Post([handover] {
        const std::shared_ptr<Completed> completed = std::move(*handover);
        completed->is_done = true;
        completed->changed.cancel();
      });
    } catch (const std::bad_alloc&) {
      // Without the task the coroutine would wait for ever, and nothing else works without a few
      // bytes either.
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
}

}  // namespace

http::Task<void> Background::Run(EventLoop& loop, std::function<void()> work) {
  const auto completed = std::make_shared<Completed>(loop);
  const auto handover = std::make_shared<std::shared_ptr<Completed>>(completed);
  boost::asio::post(pool_, [&loop, handover, work = std::move(work)]() mutable {
    try {
      work();
    } catch (const std::exception&) {
      (*handover)->error = std::current_exception();
    }
    work = nullptr;
    Announce(loop, handover);
  });
  while (!completed->is_done) {
    co_await completed->changed.async_wait(http::kAsTuple);
    http::ThrowIfCancelled(co_await boost::asio::this_coro::cancellation_state);
  }
  if (completed->error) std::rethrow_exception(completed->error);
}

}  // namespace docspace::gateway

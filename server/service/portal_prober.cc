#include "server/service/portal_prober.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <exception>

namespace docspace::gateway {

std::shared_ptr<PortalProber> PortalProber::Start(Worker& worker, std::function<void()> found) {
  std::shared_ptr<PortalProber> search(new PortalProber(worker, std::move(found)));
  worker.loop().Post([search] { search->Begin(); });
  return search;
}

void PortalProber::Stop() {
  worker_.loop().Post([search = shared_from_this()] { search->End(); });
}

void PortalProber::Begin() {
  for (const auto& portal : worker_.portals()) {
    // The coroutine uses its slot even after it has returned.
    boost::asio::co_spawn(worker_.loop().context(), Search(*portal),
                          boost::asio::bind_cancellation_slot(
                              cancel_.emplace_back().slot(),
                              [self = shared_from_this()](const std::exception_ptr&) {}));
  }
}

http::Task<void> PortalProber::Search(http::Client& portal) {
  const EventLoop::WorkGuard guard(worker_.loop());
  http::Timer pause(worker_.loop().context());
  while (!is_over_) {
    if (co_await portal.Reach()) {
      if (std::exchange(is_over_, true)) co_return;
      found_();
      // End cancels the other probes. It is posted, because this one must have ended before it is
      // cancelled.
      worker_.loop().Post([self = shared_from_this()] { self->End(); });
      co_return;
    }
    pause.expires_after(std::chrono::seconds(1));
    co_await pause.async_wait(http::kAsTuple);
  }
}

void PortalProber::End() {
  is_over_ = true;
  for (auto& cancel : cancel_) cancel.emit(boost::asio::cancellation_type::terminal);
}

}  // namespace docspace::gateway

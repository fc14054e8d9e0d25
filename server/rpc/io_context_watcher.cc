#include "server/rpc/io_context_watcher.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <boost/asio/detail/config.hpp>
#include <boost/asio/detail/epoll_reactor.hpp>
#include <boost/version.hpp>
#include <cstdint>
#include <utility>

namespace docspace::gateway {
namespace {

using boost::asio::detail::epoll_reactor;

// The code below relies on private parts of Asio: the member `epoll_fd_`, and the fact that every
// event for which an io_context waits makes that descriptor readable. See the header.
constexpr int kBoost = BOOST_VERSION / 100;
static_assert(
    kBoost == 1081 || kBoost == 1083 || kBoost == 1092,
    "IoContextWatcher has been tried with Boost 1.81, 1.83 and 1.92 only: run its test with it");
#if !defined(BOOST_ASIO_HAS_EPOLL) || !defined(BOOST_ASIO_HAS_TIMERFD) || \
    defined(BOOST_ASIO_HAS_IO_URING_AS_DEFAULT)
#error "IoContextWatcher needs the reactor of Asio that waits for sockets and timers by epoll"
#endif

// An explicit instantiation may name private members ([temp.spec.general]/6), and pass them on.
int EpollOf(epoll_reactor& reactor);

template <int epoll_reactor::*kDescriptor>
struct EpollDescriptor {
  friend int EpollOf(epoll_reactor& reactor) { return reactor.*kDescriptor; }
};
template struct EpollDescriptor<&epoll_reactor::epoll_fd_>;

void Watch(int epoll, int operation, int descriptor, std::uint32_t events) {
  epoll_event event{.events = events, .data = {.fd = descriptor}};
  if (epoll_ctl(epoll, operation, descriptor, &event) != 0) {
    throw std::system_error(errno, std::generic_category());
  }
}

}  // namespace

IoContextWatcher::IoContextWatcher(boost::asio::io_context& context, std::function<void()> on_ready)
    : on_ready_(std::move(on_ready)),
      asio_(EpollOf(boost::asio::use_service<epoll_reactor>(context))),
      stop_(eventfd(0, EFD_CLOEXEC)),
      epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  // This is needed because a context that has no socket and no timer yet does not poll its reactor.
  boost::asio::use_service<epoll_reactor>(context).init_task();
  Watch(epoll_.get(), EPOLL_CTL_ADD, stop_.get(), EPOLLIN);
  Watch(epoll_.get(), EPOLL_CTL_ADD, asio_, 0);
  thread_ = std::thread([this] { Run(); });
}

IoContextWatcher::~IoContextWatcher() {
  eventfd_write(stop_.get(), 1);
  thread_.join();
}

void IoContextWatcher::Arm() { Watch(epoll_.get(), EPOLL_CTL_MOD, asio_, EPOLLIN | EPOLLONESHOT); }

void IoContextWatcher::Run() {
  while (true) {
    epoll_event event{};
    if (epoll_wait(epoll_.get(), &event, 1, -1) < 1) continue;
    if (event.data.fd == stop_.get()) return;
    on_ready_();
  }
}

}  // namespace docspace::gateway

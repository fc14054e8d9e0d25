#include "tests/processes/busy_portal.h"

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace docspace::gateway::testkit {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr asio::as_tuple_t<asio::use_awaitable_t<>> kAsTuple{};

std::string Answer() {
  const std::string body = R"({"response":["files:read"],"count":1,"status":0,"statusCode":200})";
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

BusyPortal::BusyPortal(std::size_t workers, std::chrono::microseconds service_time)
    : service_time_(service_time),
      free_at_(workers),
      acceptor_(loop_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      resumed_(loop_, Clock::time_point::max()) {
  asio::co_spawn(loop_, Accept(), asio::detached);
  thread_ = std::thread([this] { loop_.run(); });
}

BusyPortal::~BusyPortal() {
  loop_.stop();
  thread_.join();
}

std::string BusyPortal::url() const {
  return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
}

void BusyPortal::Pause() {
  asio::dispatch(loop_, [this] { paused_ = true; });
}

void BusyPortal::Resume() {
  asio::dispatch(loop_, [this] {
    paused_ = false;
    resumed_.cancel();
  });
}

BusyPortal::Task<void> BusyPortal::Accept() {
  while (true) {
    auto [error, caller] = co_await acceptor_.async_accept(kAsTuple);
    if (error) continue;
    caller.set_option(tcp::no_delay(true));
    asio::co_spawn(loop_, Serve(std::move(caller)), asio::detached);
  }
}

BusyPortal::Task<void> BusyPortal::Serve(tcp::socket caller) {
  const std::string answer = Answer();
  std::string unread;
  while (true) {
    std::size_t end = 0;
    while ((end = unread.find("\r\n\r\n")) == std::string::npos) {
      std::array<char, 4096> some{};
      const auto [error, size] = co_await caller.async_read_some(asio::buffer(some), kAsTuple);
      if (error) co_return;
      unread.append(some.data(), size);
    }
    unread.erase(0, end + 4);
    ++requests_;
    most_waiting_ = std::max(most_waiting_.load(), ++waiting_);
    co_await Work();
    --waiting_;
    const auto [error, size] = co_await asio::async_write(caller, asio::buffer(answer), kAsTuple);
    if (error) co_return;
  }
}

BusyPortal::Task<void> BusyPortal::Work() {
  while (paused_) co_await resumed_.async_wait(kAsTuple);
  const auto worker = std::min_element(free_at_.begin(), free_at_.end());
  *worker = std::max(*worker, Clock::now()) + service_time_;
  asio::steady_timer done(loop_, *worker);
  co_await done.async_wait(kAsTuple);
}

}  // namespace docspace::gateway::testkit

#include "tests/testkit/connect_proxy.h"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <string_view>
#include <utility>

namespace docspace::gateway::testkit {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);

// Copies what `from` sends to `to`, and closes that direction when it ends.
asio::awaitable<void> Copy(tcp::socket& from, tcp::socket& to) {
  std::array<char, 4096> buffer{};
  while (true) {
    const auto [error, size] = co_await from.async_read_some(asio::buffer(buffer), kAsTuple);
    if (error) break;
    const auto [failed, written] =
        co_await asio::async_write(to, asio::buffer(buffer.data(), size), kAsTuple);
    if (failed) break;
  }
  boost::system::error_code ignored;
  to.shutdown(tcp::socket::shutdown_send, ignored);
}

}  // namespace

ConnectProxy::ConnectProxy(std::uint16_t target)
    : listener_(loop_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      port_(listener_.local_endpoint().port()),
      target_(target) {
  asio::co_spawn(loop_, Accept(), asio::detached);
  thread_ = std::thread([this] { loop_.run(); });
}

ConnectProxy::~ConnectProxy() {
  loop_.stop();
  thread_.join();
}

void ConnectProxy::Require(const std::string& authorization) {
  const std::lock_guard lock(mutex_);
  required_ = authorization;
}

std::vector<std::string> ConnectProxy::Heads() const {
  const std::lock_guard lock(mutex_);
  return heads_;
}

asio::awaitable<void> ConnectProxy::Accept() {
  while (true) {
    auto [error, client] = co_await listener_.async_accept(kAsTuple);
    if (error) co_return;
    asio::co_spawn(loop_, Serve(std::move(client)), asio::detached);
  }
}

asio::awaitable<void> ConnectProxy::Serve(Socket client) {
  using asio::experimental::awaitable_operators::operator&&;
  std::string text;
  const auto [error, size] = co_await asio::async_read_until(
      client, asio::dynamic_buffer(text), std::string_view("\r\n\r\n"), kAsTuple);
  if (error) co_return;
  const bool admitted = Admit(text.substr(0, size));
  const std::string response = admitted ? "HTTP/1.1 200 Connection established\r\n\r\n"
                                        : "HTTP/1.1 407 Proxy Authentication Required\r\n"
                                          "Proxy-Authenticate: Basic realm=\"proxy\"\r\n\r\n";
  Socket portal(loop_);
  if (admitted) {
    const tcp::endpoint target(asio::ip::address_v4::loopback(), target_);
    const auto [refused] = co_await portal.async_connect(target, kAsTuple);
    if (refused) co_return;
  }
  const auto [failed, written] =
      co_await asio::async_write(client, asio::buffer(response), kAsTuple);
  if (failed || !admitted) co_return;
  co_await (Copy(client, portal) && Copy(portal, client));
}

bool ConnectProxy::Admit(const std::string& head) {
  const std::lock_guard lock(mutex_);
  heads_.push_back(head);
  return head.starts_with("CONNECT ") &&
         (required_.empty() ||
          head.find("\r\nProxy-Authorization: " + required_ + "\r\n") != std::string::npos);
}

}  // namespace docspace::gateway::testkit

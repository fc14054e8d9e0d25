// A forward proxy that opens tunnels by HTTP CONNECT, as Squid does.
#ifndef TESTS_TESTKIT_CONNECT_PROXY_H_
#define TESTS_TESTKIT_CONNECT_PROXY_H_

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace docspace::gateway::testkit {

// `ConnectProxy` listens on 127.0.0.1, on a port that the kernel chooses. Thread-safe.
class ConnectProxy {
 public:
  // Each tunnel leads to `target` on 127.0.0.1, whatever name the client wants: this proxy is the
  // only one who resolves it.
  explicit ConnectProxy(std::uint16_t target);
  // Closes all tunnels.
  ~ConnectProxy();
  ConnectProxy(const ConnectProxy&) = delete;
  ConnectProxy& operator=(const ConnectProxy&) = delete;

  // Lets further tunnels lead to another port.
  void LeadTo(std::uint16_t target) { target_ = target; }
  // Refuses further tunnels with 407 unless Proxy-Authorization has this value.
  void Require(const std::string& authorization);

  std::uint16_t port() const { return port_; }
  // Returns the heads of all requests so far.
  std::vector<std::string> Heads() const;

 private:
  using Socket = boost::asio::ip::tcp::socket;

  boost::asio::awaitable<void> Accept();
  boost::asio::awaitable<void> Serve(Socket client);
  bool Admit(const std::string& head);

  boost::asio::io_context loop_;
  boost::asio::ip::tcp::acceptor listener_;
  const std::uint16_t port_;
  std::atomic<std::uint16_t> target_;
  mutable std::mutex mutex_;
  std::string required_;
  std::vector<std::string> heads_;
  std::thread thread_;
};

}  // namespace docspace::gateway::testkit

#endif  // TESTS_TESTKIT_CONNECT_PROXY_H_

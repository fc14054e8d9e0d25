// An HTTP/1.1 server on loopback, with or without TLS, that delivers each response as its
// `delivery` says.
#ifndef TESTS_EMULATOR_HTTP_SERVER_H_
#define TESTS_EMULATOR_HTTP_SERVER_H_

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/emulator/message.h"

namespace docspace::emulator {

struct HttpServerOptions {
  std::string address = "127.0.0.1";
  // The port; if 0, the kernel chooses one.
  std::uint16_t port = 0;
  // PEM files; TLS is off if both are empty.
  std::string tls_certificate{};
  std::string tls_key{};
  int threads = 1;
  // The time for which a connection may wait for its next request. It is 65 seconds in the portal's
  // proxy.
  std::chrono::milliseconds keep_alive_idle = std::chrono::seconds(65);
  // The response to this many requests on a connection says `Connection: close`; 0 means no limit.
  // The portal's proxy allows 1,000.
  std::size_t requests_per_connection = 1000;
  // The size limit in bytes of a request line or header line, and below it that of a head. Larger
  // ones are refused with the proxy's HTML.
  std::size_t maximum_line = 8 * 1024;
  std::uint32_t maximum_head = 32 * 1024;
  std::uint64_t maximum_body = 1024 * 1024;
};

// `HttpServer` passes requests to a handler and sends its responses.
class HttpServer {
 public:
  // Called on the server's threads, concurrently if there are several.
  using Handler = std::function<Response(const Request&)>;

  // Starts to listen. Throws std::exception if the address, port, certificate or key is invalid.
  // Increments `connections`, which must outlive the server, for each accepted connection.
  HttpServer(HttpServerOptions options, std::atomic<std::uint64_t>& connections, Handler handler);
  // Closes all connections at once.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::uint16_t port() const { return port_; }

 private:
  using Socket = boost::asio::ip::tcp::socket;

  void Listen();
  boost::asio::awaitable<void> Accept();
  boost::asio::awaitable<void> ServePlain(Socket socket, std::uint64_t connection);
  boost::asio::awaitable<void> ServeTls(Socket socket, std::uint64_t connection);
  // Returns whether the stream must be shut down in an orderly way.
  template <typename Stream>
  boost::asio::awaitable<bool> Serve(Stream& stream, std::uint64_t connection);

  const HttpServerOptions options_;
  std::atomic<std::uint64_t>& connections_;
  const Handler handler_;
  std::optional<boost::asio::ssl::context> tls_;
  std::uint16_t port_ = 0;
  boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor acceptor_{io_};
  std::vector<std::jthread> threads_;
};

}  // namespace docspace::emulator

#endif  // TESTS_EMULATOR_HTTP_SERVER_H_

#include "tests/emulator/http_server.h"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <exception>
#include <utility>

#include "tests/emulator/html.h"

namespace docspace::emulator {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

constexpr std::chrono::seconds kExchangeTimeout(60);

// The first chunk is odd and small, so that even a short list is sent in several chunks and cuts
// fall anywhere.
constexpr std::size_t kFirstChunk = 61;
constexpr std::size_t kChunk = 16'384;

Request ToRequest(const http::request<http::string_body>& message, std::uint64_t connection) {
  Request request{.method = std::string(message.method_string()),
                  .target = std::string(message.target()),
                  .body = message.body(),
                  .connection = connection};
  for (const auto& field : message) {
    request.headers.push_back({std::string(field.name_string()), std::string(field.value())});
  }
  return request;
}

Response ProxyError(int status, std::string_view explanation = "") {
  return Response{.status = status,
                  .headers = {{"Content-Type", "text/html"}},
                  .body = ProxyPage(status, explanation)};
}

Response HeadTooLarge() { return ProxyError(400, "Request Header Or Cookie Too Large"); }

// Returns the proxy's refusal for a parse error, or nothing if the peer only closed the connection
// or was too slow.
std::optional<Response> RefusalOf(const error_code& error) {
  if (error == http::error::header_limit) return HeadTooLarge();
  if (error == http::error::body_limit) return ProxyError(413);
  if (error == http::error::end_of_stream || error == http::error::partial_message ||
      error.category() != http::make_error_code(http::error::bad_method).category()) {
    return std::nullopt;
  }
  return ProxyError(400);
}

// Returns the proxy's refusal of a well-formed request, if it refuses it.
std::optional<Response> RefusalOf(const http::request<http::string_body>& message,
                                  std::size_t maximum_line) {
  if (message.target().size() > maximum_line) return ProxyError(414);
  for (const auto& field : message) {
    constexpr std::size_t kColonAndLineEnd = 4;
    if (field.name_string().size() + field.value().size() + kColonAndLineEnd > maximum_line) {
      return HeadTooLarge();
    }
  }
  if (message.count(http::field::host) != 1) return ProxyError(400);
  return std::nullopt;
}

std::string Head(const Response& response, bool keep_alive) {
  const auto status = static_cast<unsigned>(response.status);
  std::string head = "HTTP/1.1 " + std::to_string(status) + " " + Reason(response.status) + "\r\n";
  for (const Header& header : response.headers) {
    head += header.name + ": " + header.value + "\r\n";
  }
  if (response.chunked) {
    head += "Transfer-Encoding: chunked\r\n";
  } else if (status >= 200 && status != 204) {
    head += "Content-Length: " + std::to_string(response.body.size()) + "\r\n";
  }
  if (!keep_alive) head += "Connection: close\r\n";
  return head + "\r\n";
}

// Writes the head and the body, up to the byte at which the delivery cuts it.
template <typename Stream>
asio::awaitable<void> Write(Stream& stream, const Response& response, bool keep_alive) {
  const std::string head = Head(response, keep_alive);
  const std::string_view body = response.body;
  const std::size_t end = std::min(body.size(), response.delivery.truncate_after.value_or(-1));
  if (!response.chunked) {
    const std::array<asio::const_buffer, 2> message = {asio::buffer(head),
                                                       asio::buffer(body.substr(0, end))};
    co_await asio::async_write(stream, message, asio::use_awaitable);
    co_return;
  }
  co_await asio::async_write(stream, asio::buffer(head), asio::use_awaitable);
  for (std::size_t at = 0, size = kFirstChunk; at < end; at += size, size = kChunk) {
    beast::get_lowest_layer(stream).expires_after(kExchangeTimeout);
    const std::string_view chunk = body.substr(at, size);
    if (at + chunk.size() <= end) {
      co_await asio::async_write(stream, http::make_chunk(asio::buffer(chunk)),
                                 asio::use_awaitable);
      continue;
    }
    const http::chunk_header announced(chunk.size());
    co_await asio::async_write(stream, announced, asio::use_awaitable);
    co_await asio::async_write(stream, asio::buffer(chunk.substr(0, end - at)),
                               asio::use_awaitable);
  }
  if (!response.delivery.truncate_after) {
    co_await asio::async_write(stream, http::make_chunk_last(), asio::use_awaitable);
  }
}

void Reset(asio::ip::tcp::socket& socket) {
  error_code ignored;
  socket.set_option(asio::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

// Ignores errors that end a connection and rethrows all others, which are bugs of the emulator.
void Rethrow(const std::exception_ptr& exception) {
  if (!exception) return;
  try {
    std::rethrow_exception(exception);
  } catch (const boost::system::system_error&) {
  }
}

}  // namespace

HttpServer::HttpServer(HttpServerOptions options, std::atomic<std::uint64_t>& connections,
                       Handler handler)
    : options_(std::move(options)),
      connections_(connections),
      handler_(std::move(handler)),
      io_(options_.threads) {
  if (!options_.tls_certificate.empty() || !options_.tls_key.empty()) {
    tls_.emplace(asio::ssl::context::tls_server);
    tls_->use_certificate_chain_file(options_.tls_certificate);
    tls_->use_private_key_file(options_.tls_key, asio::ssl::context::pem);
  }
  Listen();
  asio::co_spawn(io_, Accept(), Rethrow);
  for (int i = 0; i < options_.threads; ++i) {
    threads_.emplace_back([this] { io_.run(); });
  }
}

HttpServer::~HttpServer() {
  io_.stop();
  threads_.clear();
}

void HttpServer::Listen() {
  const asio::ip::tcp::endpoint endpoint(asio::ip::make_address(options_.address), options_.port);
  acceptor_.open(endpoint.protocol());
  acceptor_.set_option(asio::socket_base::reuse_address(true));
  acceptor_.bind(endpoint);
  acceptor_.listen();
  port_ = acceptor_.local_endpoint().port();
}

asio::awaitable<void> HttpServer::Accept() {
  while (true) {
    error_code error;
    Socket socket = co_await acceptor_.async_accept(
        asio::make_strand(io_), asio::redirect_error(asio::use_awaitable, error));
    if (error) {
      // No file descriptor is left; an immediate retry would spin.
      asio::steady_timer pause(io_, std::chrono::milliseconds(10));
      co_await pause.async_wait(asio::use_awaitable);
      continue;
    }
    socket.set_option(asio::ip::tcp::no_delay(true), error);
    const std::uint64_t connection = ++connections_;
    const auto executor = socket.get_executor();
    if (tls_) {
      asio::co_spawn(executor, ServeTls(std::move(socket), connection), Rethrow);
    } else {
      asio::co_spawn(executor, ServePlain(std::move(socket), connection), Rethrow);
    }
  }
}

asio::awaitable<void> HttpServer::ServePlain(Socket socket, std::uint64_t connection) {
  beast::tcp_stream stream(std::move(socket));
  const bool orderly = co_await Serve(stream, connection);
  error_code ignored;
  if (orderly) stream.socket().shutdown(Socket::shutdown_send, ignored);
}

asio::awaitable<void> HttpServer::ServeTls(Socket socket, std::uint64_t connection) {
  beast::ssl_stream<beast::tcp_stream> stream(std::move(socket), *tls_);
  beast::get_lowest_layer(stream).expires_after(kExchangeTimeout);
  co_await stream.async_handshake(asio::ssl::stream_base::server, asio::use_awaitable);
  const bool orderly = co_await Serve(stream, connection);
  if (!orderly) co_return;
  beast::get_lowest_layer(stream).expires_after(kExchangeTimeout);
  co_await stream.async_shutdown(asio::use_awaitable);
}

template <typename Stream>
asio::awaitable<bool> HttpServer::Serve(Stream& stream, std::uint64_t connection) {
  beast::tcp_stream& transport = beast::get_lowest_layer(stream);
  beast::flat_buffer buffer;
  for (std::size_t served = 1;; ++served) {
    http::request_parser<http::string_body> parser;
    parser.header_limit(options_.maximum_head);
    parser.body_limit(options_.maximum_body);
    error_code error;
    transport.expires_after(options_.keep_alive_idle);
    co_await http::async_read_header(stream, buffer, parser,
                                     asio::redirect_error(asio::use_awaitable, error));
    transport.expires_after(kExchangeTimeout);
    if (!error) {
      co_await http::async_read(stream, buffer, parser,
                                asio::redirect_error(asio::use_awaitable, error));
    }
    const std::optional<Response> refusal =
        error ? RefusalOf(error) : RefusalOf(parser.get(), options_.maximum_line);
    if (refusal) co_await Write(stream, *refusal, false);
    if (error || refusal) co_return true;

    Response response = handler_(ToRequest(parser.get(), connection));
    Delivery& delivery = response.delivery;
    if (delivery.delay.count() > 0) {
      asio::steady_timer timer(transport.get_executor(), delivery.delay);
      co_await timer.async_wait(asio::use_awaitable);
      transport.expires_after(kExchangeTimeout);
    }
    if (delivery.drop == Delivery::Drop::kReset) Reset(transport.socket());
    if (delivery.drop != Delivery::Drop::kNo) co_return false;

    delivery.place.reset();
    const bool keep_alive = parser.keep_alive() && served != options_.requests_per_connection;
    co_await Write(stream, response, keep_alive);
    if (delivery.truncate_after) co_return false;
    if (!keep_alive) co_return true;
  }
}

}  // namespace docspace::emulator

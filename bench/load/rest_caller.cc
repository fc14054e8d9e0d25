#include "bench/load/rest_caller.h"

#include <boost/asio/this_coro.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstddef>
#include <utility>

namespace docspace::bench {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using gateway::http::Executor;

constexpr asio::use_awaitable_t<Executor> kThrowing;
constexpr std::size_t kReadBytes = 64 * 1024;

template <class Stream>
Task<Answer> Exchange(Stream& stream, const std::string& request,
                      boost::beast::flat_buffer& buffer) {
  co_await asio::async_write(stream, asio::buffer(request), kThrowing);
  http::response_parser<http::string_body> response;
  response.body_limit(boost::none);
  co_await http::async_read(stream, buffer, response, kThrowing);
  co_return Answer{.status = static_cast<int>(response.get().result_int()),
                   .body = std::move(response.get().body())};
}

}  // namespace

RestCaller::RestCaller(const RestCall& call, Stream stream)
    : stream_(std::move(stream)),
      request_("GET " + call.target + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(call.port) +
               "\r\nAccept: application/json\r\nAuthorization: " + call.authorization +
               "\r\n\r\n") {
  buffer_.reserve(kReadBytes);
}

Task<std::unique_ptr<Caller>> RestCaller::Connect(const RestCall& call,
                                                  gateway::http::TlsClient* tls) {
  gateway::http::TcpSocket socket(co_await asio::this_coro::executor);
  co_await socket.async_connect({asio::ip::address_v4::loopback(), call.port}, kThrowing);
  socket.set_option(asio::ip::tcp::no_delay(true));
  if (tls == nullptr) {
    co_return std::unique_ptr<Caller>(new RestCaller(call, std::move(socket)));
  }
  auto stream = tls->NewStream(std::move(socket));
  co_await stream->async_handshake(asio::ssl::stream_base::client, kThrowing);
  co_return std::unique_ptr<Caller>(new RestCaller(call, std::move(stream)));
}

Task<Answer> RestCaller::Call() {
  if (auto* socket = std::get_if<gateway::http::TcpSocket>(&stream_)) {
    co_return co_await Exchange(*socket, request_, buffer_);
  }
  co_return co_await Exchange(*std::get<std::unique_ptr<gateway::http::TlsStream>>(stream_),
                              request_, buffer_);
}

}  // namespace docspace::bench

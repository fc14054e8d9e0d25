#include "server/http/connection.h"

#include <sys/socket.h>

#include <boost/asio/write.hpp>
#include <utility>

namespace docspace::gateway::http {

Connection::Connection(TcpSocket socket) : stream_(std::move(socket)) {}
Connection::Connection(std::unique_ptr<TlsStream> stream) : stream_(std::move(stream)) {}

Connection::~Connection() {
  // SSL_set_shutdown is needed because OpenSSL does not resume the session of a connection that was
  // not shut down. The connection was not cut short either: the code that closes it knows where the
  // last response ended, or discards it.
  if (auto* tls = std::get_if<std::unique_ptr<TlsStream>>(&stream_)) {
    SSL_set_shutdown((*tls)->native_handle(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  }
}

TcpSocket& Connection::Socket() {
  if (auto* socket = std::get_if<TcpSocket>(&stream_)) return *socket;
  return std::get<std::unique_ptr<TlsStream>>(stream_)->next_layer();
}

Task<std::tuple<boost::system::error_code, std::size_t>> Connection::Read(std::span<char> buffer) {
  const asio::mutable_buffer into(buffer.data(), buffer.size());
  if (auto* socket = std::get_if<TcpSocket>(&stream_)) {
    return socket->async_read_some(into, kAsTuple);
  }
  return std::get<std::unique_ptr<TlsStream>>(stream_)->async_read_some(into, kAsTuple);
}

std::size_t Connection::WriteAtOnce(std::string_view octets) {
  auto* socket = std::get_if<TcpSocket>(&stream_);
  if (socket == nullptr) return 0;
  const ssize_t written =
      send(socket->native_handle(), octets.data(), octets.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  return written < 0 ? 0 : static_cast<std::size_t>(written);
}

Task<std::tuple<boost::system::error_code, std::size_t>> Connection::Write(
    std::string_view octets) {
  const asio::const_buffer from(octets.data(), octets.size());
  if (auto* socket = std::get_if<TcpSocket>(&stream_)) {
    return asio::async_write(*socket, from, kAsTuple);
  }
  return asio::async_write(*std::get<std::unique_ptr<TlsStream>>(stream_), from, kAsTuple);
}

bool Connection::IsReusable() {
  char octet = 0;
  auto* tls = std::get_if<std::unique_ptr<TlsStream>>(&stream_);
  if (tls == nullptr) {
    const ssize_t peeked =
        recv(Socket().native_handle(), &octet, sizeof octet, MSG_PEEK | MSG_DONTWAIT);
    return peeked < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }
  // The socket alone does not show it: bytes may already wait in TLS, and bytes on the socket may
  // be a session ticket, which belongs to no response. So TLS tries to read.
  boost::system::error_code error;
  if (!Socket().non_blocking()) Socket().non_blocking(true, error);
  if (!error) (*tls)->read_some(asio::buffer(&octet, sizeof octet), error);
  return error == asio::error::would_block;
}

}  // namespace docspace::gateway::http

// A TCP or TLS connection to the upstream.
#ifndef SERVER_HTTP_CONNECTION_H_
#define SERVER_HTTP_CONNECTION_H_

#include <boost/asio/buffer.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>
#include <variant>

#include "server/base/task.h"
#include "server/http/connection_owner.h"
#include "server/http/tls.h"

namespace docspace::gateway::http {

// A connection, with what the pool notes about it. Must be used on one event loop's thread. The
// destructor closes it but aborts no operation: it must not be destroyed while a coroutine waits
// for Read or Write.
class Connection {
 public:
  explicit Connection(TcpSocket socket);
  explicit Connection(std::unique_ptr<TlsStream> stream);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Reads at least one byte into `buffer`, which must outlive the coroutine. Returns the error, or
  // the number of bytes.
  Task<std::tuple<boost::system::error_code, std::size_t>> Read(std::span<char> buffer);
  // Writes what the socket takes of `octets` without waiting, and returns the number of bytes. It
  // is 0 with TLS, and after an error, which Write then reports.
  std::size_t WriteAtOnce(std::string_view octets);
  // Writes all of `octets`, which must outlive the coroutine. Returns the error, and the number of
  // bytes.
  Task<std::tuple<boost::system::error_code, std::size_t>> Write(std::string_view octets);

  // Returns whether an idle connection may carry a request: the upstream has neither closed it nor
  // sent anything, which would be taken for the response to the next request. Does not block.
  bool IsReusable();

  // The pool sets and reads these members.
  ConnectionOwner owner{};
  Clock::time_point opened_at;
  Clock::time_point idle_since;
  std::uint32_t requests = 0;
  // The parameters that the upstream announced in `Keep-Alive`.
  std::optional<Clock::duration> keep_alive_timeout;
  std::optional<std::uint32_t> keep_alive_max;

 private:
  TcpSocket& Socket();

  std::variant<TcpSocket, std::unique_ptr<TlsStream>> stream_;
};

}  // namespace docspace::gateway::http

#endif  // SERVER_HTTP_CONNECTION_H_

// One TCP or TLS connection to the upstream.
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

// Closed when it is destroyed, which aborts nothing that is under way: do not destroy it while a
// coroutine waits on it.
class Connection {
 public:
  explicit Connection(TcpSocket socket);
  explicit Connection(std::unique_ptr<TlsStream> stream);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Task<std::tuple<boost::system::error_code, std::size_t>> Read(std::span<char> buffer);
  Task<boost::system::error_code> Write(std::string_view octets);

  // Whether an idle connection may carry a request: the peer has neither closed it nor sent
  // anything, which would be taken for the answer to the next request.
  bool IsReusable();

  // Kept by the pool.
  ConnectionOwner owner{};
  Clock::time_point opened_at;
  Clock::time_point idle_since;
  std::uint32_t requests = 0;
  // As the portal announced in `Keep-Alive`.
  std::optional<Clock::duration> keep_alive_timeout;
  std::optional<std::uint32_t> keep_alive_max;

 private:
  TcpSocket& Socket();

  std::variant<TcpSocket, std::unique_ptr<TlsStream>> stream_;
};

}  // namespace docspace::gateway::http

#endif  // SERVER_HTTP_CONNECTION_H_

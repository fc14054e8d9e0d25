// Opens connections to the upstream, directly or through a forward proxy. It attempts all addresses
// of the name, and uses the first that connects.
#ifndef SERVER_HTTP_CONNECTOR_H_
#define SERVER_HTTP_CONNECTOR_H_

#include <chrono>
#include <memory>
#include <string>
#include <variant>

#include "server/base/task.h"
#include "server/http/caching_resolver.h"
#include "server/http/circuit_breaker.h"
#include "server/http/connection.h"
#include "server/http/proxy_tunnel.h"
#include "server/http/tls.h"

namespace docspace::gateway::http {

struct ConnectOptions {
  // The time limit for name resolution, TCP, the proxy's tunnel and TLS together.
  Clock::duration timeout = std::chrono::seconds(3);
  // The time after which the next address is attempted beside the previous one, RFC 8305 section 5.
  Clock::duration attempt_delay = std::chrono::milliseconds(250);
  CircuitBreakerOptions circuit_breaker;
};

// The reason why there is no connection, in words that name no address and no credential.
struct Unreachable {
  std::string why;
  // True if another attempt is useful. It is not if the circuit is open, or if this attempt took
  // all of `timeout`.
  bool worth_a_retry = true;
  // True if the way ended at the forward proxy, and the status with which that refused, if it did.
  bool at_proxy = false;
  int proxy_status = 0;
};

// Must be used on one event loop's thread, and must outlive its calls.
class Connector {
 public:
  // `addresses` are those of the proxy if there is a `tunnel`. `tls` is null for plain HTTP, and
  // `tunnel` for a direct connection.
  Connector(asio::io_context& loop, std::unique_ptr<CachingResolver> addresses,
            std::unique_ptr<TlsClient> tls, const ConnectOptions& options,
            std::unique_ptr<ProxyTunnel> tunnel = nullptr);

  // Returns a connection, or the reason why there is none, after at most `timeout`; at once if the
  // circuit is open. Throws if it is cancelled.
  using Result = std::variant<std::unique_ptr<Connection>, Unreachable>;
  Task<Result> Connect();

  const CircuitBreaker& circuit_breaker() const { return circuit_breaker_; }

 private:
  // Connects without a timeout, and sets `result` unless it is cancelled. It is an output parameter
  // because `||` on awaitables would merge the alternatives of the variant with its own.
  Task<void> ConnectAnyTime(Result& result);
  Task<bool> OpenTunnel(TcpSocket& socket, Result& result);
  Unreachable FirstHopFails(const char* why, bool worth_a_retry) const;

  asio::io_context& loop_;
  const std::unique_ptr<CachingResolver> resolver_;
  const std::unique_ptr<TlsClient> tls_;
  const std::unique_ptr<ProxyTunnel> tunnel_;
  const ConnectOptions options_;
  CircuitBreaker circuit_breaker_;
  // The last failure, which is why the circuit is open if it is.
  Unreachable last_failure_;
};

}  // namespace docspace::gateway::http

#endif  // SERVER_HTTP_CONNECTOR_H_

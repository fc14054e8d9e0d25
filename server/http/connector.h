// Opens connections to the upstream: every address of its name, the quickest wins.
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
#include "server/http/tls.h"

namespace docspace::gateway::http {

struct ConnectOptions {
  // For name resolution, TCP and TLS together.
  Clock::duration timeout = std::chrono::seconds(3);
  // How long one address is tried before the next one is tried beside it, RFC 8305 section 5.
  Clock::duration attempt_delay = std::chrono::milliseconds(250);
  CircuitBreakerOptions circuit_breaker;
};

// Why there is no connection.
struct Unreachable {
  std::string why;
  // Whether another attempt is worth its time: not while the circuit is open, nor where this one
  // took all the time there is.
  bool worth_a_retry = true;
};

// Used by one event loop; outlives its calls.
class Connector {
 public:
  // `tls` is null for plain HTTP.
  Connector(asio::io_context& loop, std::unique_ptr<CachingResolver> addresses,
            std::unique_ptr<TlsClient> tls, const ConnectOptions& options);

  // A connection, or why there is none: at once while the circuit is open.
  using Result = std::variant<std::unique_ptr<Connection>, Unreachable>;
  Task<Result> Connect();

  const CircuitBreaker& circuit_breaker() const { return circuit_breaker_; }

 private:
  // Sets `result` unless it is cancelled. An out parameter, because `||` on awaitables would merge
  // the alternatives of a variant with its own.
  Task<void> ConnectAnyTime(Result& result);

  asio::io_context& loop_;
  const std::unique_ptr<CachingResolver> resolver_;
  const std::unique_ptr<TlsClient> tls_;
  const ConnectOptions options_;
  CircuitBreaker circuit_breaker_;
};

}  // namespace docspace::gateway::http

#endif  // SERVER_HTTP_CONNECTOR_H_

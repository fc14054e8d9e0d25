// Reports why TLS refuses the certificate of a caller.
//
// gRPC does not: it closes the connection, and its log does not have both the reason and the peer.
// OpenSSL calls a function of the application for each TLS connection that a thread creates
// (CRYPTO_get_ex_new_index(3)). gRPC 1.51 creates the TLS connection while the listener hands it
// the socket, on the listener's thread, so this thread knows whose connection it is. gRPC 1.83
// creates it in a closure, which AsioEventEngine runs in the scope in which it was queued. OpenSSL
// 3.5 calls that function before the connection can be used, so the function that watches its
// messages (SSL_CTX_set_msg_callback(3)) comes from its context.
//
// It only watches: whether a certificate is accepted is decided by gRPC.
#ifndef SERVER_TLS_HANDSHAKE_FAILURES_H_
#define SERVER_TLS_HANDSHAKE_FAILURES_H_

#include <functional>
#include <string_view>

namespace docspace::gateway {

// Takes the reason, such as "certificate has expired". It must be thread-safe, and may be called
// until the TLS connection is destroyed.
using HandshakeFailureReport = std::function<void(std::string_view why)>;

// Makes the TLS contexts that are created from now on watch their handshakes. Thread-safe.
void WatchHandshakeFailures();

// While a HandshakeFailureScope exists, each TLS connection that its thread creates from a watching
// context calls `report` if its handshake fails because of the peer's certificate, or because there
// is none. Scopes of one thread may not overlap.
class HandshakeFailureScope {
 public:
  explicit HandshakeFailureScope(HandshakeFailureReport report);
  ~HandshakeFailureScope();
  HandshakeFailureScope(const HandshakeFailureScope&) = delete;
  HandshakeFailureScope& operator=(const HandshakeFailureScope&) = delete;

  // Returns the report of the scope of this thread, or null if there is none.
  static const HandshakeFailureReport* current();

 private:
  const HandshakeFailureReport report_;
};

}  // namespace docspace::gateway

#endif  // SERVER_TLS_HANDSHAKE_FAILURES_H_

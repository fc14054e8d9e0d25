// TLS towards the upstream: trust, host verification, session resumption.
#ifndef SERVER_HTTP_TLS_H_
#define SERVER_HTTP_TLS_H_

#include <openssl/ssl.h>

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/http/task.h"

namespace docspace::gateway::http {

struct TlsOptions {
  // PEM certificates to trust; empty: the system's.
  std::string ca_file;
  // PEM certificate chain and key that authenticate the gateway itself; empty: none.
  std::string certificate_file;
  std::string private_key_file;
};

using TlsStream = asio::ssl::stream<TcpSocket>;

// One upstream's TLS, used by one event loop. At least TLS 1.2, the certificate and the host name
// always verified, the last session offered again.
class TlsClient {
 public:
  // `host` is verified, and sent as server name (SNI) unless it is an address. INVALID_ARGUMENT
  // names the file that cannot be used.
  static absl::StatusOr<std::unique_ptr<TlsClient>> Create(const TlsOptions& options,
                                                           std::string host);

  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  // A stream over `socket`, ready for its handshake. The client outlives the stream.
  std::unique_ptr<TlsStream> NewStream(TcpSocket socket);

 private:
  struct FreeSession {
    void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
  };

  explicit TlsClient(std::string host);
  static int KeepSession(SSL* ssl, SSL_SESSION* session);

  const std::string host_;
  const bool host_is_address_;
  asio::ssl::context context_;
  std::unique_ptr<SSL_SESSION, FreeSession> session_;
};

}  // namespace docspace::gateway::http

#endif  // SERVER_HTTP_TLS_H_

// TLS for connections to the upstream: trust, verification of the host, resumption of sessions.
#ifndef SERVER_HTTP_TLS_H_
#define SERVER_HTTP_TLS_H_

#include <openssl/ssl.h>

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <memory>
#include <optional>
#include <string>

#include "server/base/task.h"
#include "server/tls/certificates.h"

namespace docspace::gateway::http {

using TlsStream = asio::ssl::stream<TcpSocket>;

// The TLS settings and the last session of one upstream. Must be used on one event loop's thread.
// The upstream's certificate and its name are always verified. The last session is offered again
// while the gateway's certificates are the same.
//
// The name must be among the certificate's subject alternative names. The subject is ignored
// (RFC 9525 section 1.2), and a wildcard stands for a whole label. A trusted certificate ends a
// chain even if it is no root: it may be an intermediate authority, or the upstream's own
// certificate.
class TlsClient {
 public:
  // `host` has no final dot. It is verified, and sent as server name (SNI) unless it is an address.
  // Each stream is made with the newest certificates: their authorities are trusted instead of the
  // system's, if there are any, and their chain authenticates the gateway. `min_version` is
  // TLS1_2_VERSION or TLS1_3_VERSION.
  TlsClient(std::string host, CertificateSource certificates, int min_version = TLS1_2_VERSION);

  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  // Returns a stream over `socket`, ready for its handshake. This object must outlive the stream.
  // Throws boost::system::system_error if there is no memory.
  std::unique_ptr<TlsStream> NewStream(TcpSocket socket);

 private:
  struct FreeSession {
    void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
  };

  asio::ssl::context NewContext();
  static int KeepSession(SSL* ssl, SSL_SESSION* session);

  const std::string host_;
  const bool host_is_address_;
  const CertificateSource certificates_;
  const int min_version_;
  std::shared_ptr<const Certificates> in_use_;
  // Made from `in_use_`. A stream keeps the context that it was made with.
  std::optional<asio::ssl::context> context_;
  std::unique_ptr<SSL_SESSION, FreeSession> session_;
};

// Returns why the handshake of `stream` ended with `error`, in OpenSSL's words: if the certificate
// was refused, the reason ("certificate has expired"). The text contains nothing that the peer
// sent.
std::string ReasonOfHandshakeFailure(TlsStream& stream, const boost::system::error_code& error);

}  // namespace docspace::gateway::http

#endif  // SERVER_HTTP_TLS_H_

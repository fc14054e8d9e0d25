// HTTP messages as values, which the layers of the gateway pass to each other.
#ifndef SERVER_HTTP_MESSAGE_H_
#define SERVER_HTTP_MESSAGE_H_

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "server/base/secret.h"

namespace docspace::gateway::http {

enum class Method { kGet, kPost, kPut, kDelete };

// Returns the method's token on the wire, such as "GET".
std::string_view ToString(Method method);

struct Header {
  std::string name;
  std::string value;
};

// The header that authenticates a request. Its value cannot be printed.
struct Credential {
  std::string name;
  Secret value;
};

struct Request {
  Method method = Method::kGet;
  // Origin form, RFC 9112 section 3.2.1: an absolute path and an optional query, already escaped.
  std::string target;
  std::vector<Header> headers;
  std::optional<Credential> credential;
  // The body, which is sent with Content-Length. Its media type is among `headers`.
  std::string body;
  // The longest response body that is read, in bytes, if it is less than the client's own limit.
  std::size_t max_response_body = std::numeric_limits<std::size_t>::max();
};

struct Response {
  int status = 0;
  std::vector<Header> headers;
  std::string body;

  // Returns the value of the first header of that name, without regard to case; empty if there is
  // none.
  std::string_view Find(std::string_view name) const;
};

// The reason why no response was received.
struct Failure {
  enum class Kind {
    // There was no connection: resolving, connecting or TLS failed, or the circuit is open.
    kUnreachable,
    // There was no connection, because the forward proxy could not be reached or opened no tunnel.
    kProxy,
    // The connection ended before the response was complete.
    kConnectionLost,
    // The bytes that came are no acceptable response: the framing is doubtful or a limit exceeded.
    kMalformed,
    // The deadline passed.
    kDeadline,
    // The caller cancelled the request.
    kCancelled,
    // The gateway is at its limit: nothing was sent, or, if `sent`, there was no memory for the
    // response.
    kOverloaded,
  };
  Kind kind = Kind::kUnreachable;
  // True if writing to a socket has started: then the upstream may have acted on the request.
  bool sent = false;
  // A text for logs and messages, which contains no credential, no content and no address.
  std::string detail;
  // The status with which the proxy refused, if `kind` is kProxy. 0: it did not respond properly.
  int proxy_status = 0;
};

using Outcome = std::variant<Response, Failure>;

}  // namespace docspace::gateway::http

#endif  // SERVER_HTTP_MESSAGE_H_

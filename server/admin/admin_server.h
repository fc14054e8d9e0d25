// HTTP for operators: on a thread of its own, and within narrow bounds.
#ifndef SERVER_ADMIN_ADMIN_SERVER_H_
#define SERVER_ADMIN_ADMIN_SERVER_H_

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"

namespace docspace::gateway {

struct AdminRequest {
  // As sent: "GET".
  std::string method;
  // Up to the "?", and what follows it.
  std::string path;
  std::string query;
  // Whether the other end of the connection is this machine.
  bool from_loopback = false;
  // Whether a browser made it for a page: it has an `Origin`, or `Sec-Fetch-Site` (W3C Fetch
  // Metadata Request Headers).
  bool from_page = false;
  // Whether a proxy handed it on: it has `Via`, `Forwarded`, `X-Forwarded-*` or another header of
  // that kind. Then `from_loopback` says only where the proxy runs.
  bool is_forwarded = false;
  // The name or address in `Host`, without a port or brackets, as sent; empty if there is none.
  std::string host;
};

struct AdminResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  // Of status 405: the methods that would do.
  std::string allow;
};

// Each connection carries one request, without a body. What is malformed, too long or has a body is
// answered by the server itself.
class AdminServer {
 public:
  struct Limits {
    std::size_t header_bytes = 8192;
    // A further connection closes the oldest one whose request is not complete; if there is none,
    // the oldest one. So connections that send half a request do not keep others out.
    std::size_t connections = 32;
    // For the request to come.
    std::chrono::steady_clock::duration head = std::chrono::seconds(1);
    // For the response to go.
    std::chrono::steady_clock::duration patience = std::chrono::seconds(5);
  };
  // Called on the server's thread, one request at a time. It may throw: that is status 500.
  using Handler = std::function<AdminResponse(const AdminRequest&)>;

  // Serves when it returns; `address` as in "127.0.0.1:9464" or "[::]:9464", where port 0 picks a
  // free one. Returns UNAVAILABLE if the address cannot be bound, for example because it is in use.
  static absl::StatusOr<std::unique_ptr<AdminServer>> Start(const std::string& address,
                                                            Handler handler, const Limits& limits);
  static absl::StatusOr<std::unique_ptr<AdminServer>> Start(const std::string& address,
                                                            Handler handler) {
    return Start(address, std::move(handler), Limits());
  }
  // Closes every connection. The handler is not called any more when it returns.
  ~AdminServer();
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;

  // With the port that was bound.
  const std::string& address() const { return address_; }
  int port() const;

 private:
  class Server;

  explicit AdminServer(std::unique_ptr<Server> server, std::string address);

  std::unique_ptr<Server> server_;
  const std::string address_;
};

}  // namespace docspace::gateway

#endif  // SERVER_ADMIN_ADMIN_SERVER_H_

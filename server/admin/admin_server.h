// An HTTP server for operators, with a thread of its own and narrow limits.
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
  // The method as sent: "GET".
  std::string method;
  // The target up to the "?", and the rest behind that.
  std::string path;
  std::string query;
  // True if the other end of the connection is this machine.
  bool from_loopback = false;
  // True if a browser made the request for a page: it has an `Origin`, or `Sec-Fetch-Site` (W3C
  // Fetch Metadata Request Headers).
  bool from_page = false;
  // True if a proxy forwarded the request: it has `Via`, `Forwarded`, `X-Forwarded-*` or another
  // header of that kind. Then `from_loopback` says only where the proxy runs.
  bool is_forwarded = false;
  // The name or address in `Host`, without a port or brackets, as sent; empty if there is none.
  std::string host;
  // The values of `Accept`, joined by commas.
  std::string accept;
};

struct AdminResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  // The allowed methods, for status 405.
  std::string allow;
};

// AdminServer serves one request per connection, without a body. The server itself answers a
// request that is malformed, too long or has a body.
class AdminServer {
 public:
  struct Limits {
    std::size_t header_bytes = 8192;
    // If one connection more is opened, the server closes the oldest one whose request is not
    // complete, or else the oldest of all. So connections that send half a request do not keep
    // others out.
    std::size_t connections = 32;
    // The time for a request to arrive.
    std::chrono::steady_clock::duration head = std::chrono::seconds(1);
    // The time for a response to be sent.
    std::chrono::steady_clock::duration patience = std::chrono::seconds(5);
  };
  // Called on the server's thread, one request at a time. An exception becomes status 500.
  using Handler = std::function<AdminResponse(const AdminRequest&)>;

  // Starts a server, which accepts connections as soon as this function returns. `address` is as in
  // "127.0.0.1:9464" or "[::]:9464"; port 0 picks a free one. `[::]` takes IPv4 too, and becomes
  // `0.0.0.0` on a machine without IPv6. Returns INVALID_ARGUMENT if `address` is malformed, and
  // UNAVAILABLE if it cannot be bound, for example because it is in use.
  static absl::StatusOr<std::unique_ptr<AdminServer>> Start(const std::string& address,
                                                            Handler handler, const Limits& limits);
  static absl::StatusOr<std::unique_ptr<AdminServer>> Start(const std::string& address,
                                                            Handler handler) {
    return Start(address, std::move(handler), Limits());
  }
  // Closes every connection. The handler is not called after the destructor has returned.
  ~AdminServer();
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;

  // Returns the address with the port that was bound.
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

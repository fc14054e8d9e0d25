// Accepts callers' connections and passes them on to gRPC.
//
// gRPC has a listener of its own, but that one gives up for good the first time a connection cannot
// be accepted for lack of descriptors, and takes as many as there are.
#ifndef SERVER_RPC_LISTENER_H_
#define SERVER_RPC_LISTENER_H_

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "absl/status/statusor.h"
#include "server/rpc/connections.h"

namespace docspace::gateway {

class Listener {
 public:
  // Binds `host:port`, which ParseHostPort reads. `[::]` takes IPv4 too, and becomes `0.0.0.0` on a
  // machine without IPv6. Returns INVALID_ARGUMENT for any other text, and UNAVAILABLE if the
  // address cannot be bound. A port that another process serves is not shared with it.
  static absl::StatusOr<std::unique_ptr<Listener>> Bind(const std::string& address);
  ~Listener() { Close(); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // The port that was bound.
  int port() const { return port_; }
  // The address that was bound: with the port that the kernel chose, if port 0 asked for one.
  const std::string& address() const { return address_; }

  struct Limits {
    // Connections at a time; what is done about further ones is said at Connections::Take.
    std::size_t connections = 10'000;
    // What the process may need for anything else. So many stay free for it, even if that leaves
    // fewer for connections: half of RLIMIT_NOFILE at most.
    std::size_t other_descriptors = 64;
    // A connection whose peer acknowledges or takes nothing for this long, while there is something
    // for it, is closed by the kernel (TCP_USER_TIMEOUT).
    std::chrono::milliseconds unacknowledged{10'000};
  };

  struct Callbacks {
    // Owns the descriptor of the connection.
    std::function<void(int descriptor)> on_connection;
    // A connection was one too many. Told about once a minute.
    std::function<void(std::string_view what)> on_surplus;
    // Descriptors or memory are lacking: connections wait in the kernel's queue until there are
    // some again. Told once until then.
    std::function<void(std::string_view what)> on_shortage;
  };

  // Takes connections from now on, on a thread of its own, which calls back.
  void Start(const Limits& limits, Callbacks callbacks);

  // Takes no connection any more; those not yet accepted are refused. Idempotent.
  void Close();

  // Those that were passed on and have not been closed.
  Connections& connections() { return connections_; }

 private:
  Listener() = default;

  void Run();
  void Accepted(int connection);
  void Refuse(int connection);
  std::size_t Ceiling() const;
  // False once the listener is to close. `timeout` in milliseconds.
  bool Wait(bool for_connections, int timeout) const;

  int socket_ = -1;
  // Readable once the listener is to close.
  int stop_ = -1;
  int port_ = 0;
  std::string address_;
  Limits limits_;
  Callbacks callbacks_;
  Connections connections_;
  std::chrono::steady_clock::time_point surplus_told_until_;
  std::thread thread_;
};

}  // namespace docspace::gateway

#endif  // SERVER_RPC_LISTENER_H_

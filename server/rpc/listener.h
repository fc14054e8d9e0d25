// Accepts callers' connections and passes them on to gRPC.
//
// It is written by hand, because gRPC's own listener stops for good the first time that a
// connection cannot be accepted for lack of descriptors, and accepts as many connections as there
// are descriptors.
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
#include "server/base/file_descriptor.h"
#include "server/rpc/connections.h"

namespace docspace::gateway {

// Listener accepts connections on a thread of its own.
class Listener {
 public:
  // Binds `host:port`, which ParseHostPort reads. `[::]` takes IPv4 too, and becomes `0.0.0.0` on a
  // machine without IPv6. Returns INVALID_ARGUMENT for any other text, and UNAVAILABLE if the
  // address cannot be bound. A port that another process serves is not shared with it.
  static absl::StatusOr<std::unique_ptr<Listener>> Bind(const std::string& address);
  ~Listener() { Close(); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // Returns the port that was bound.
  int port() const { return port_; }
  // Returns the address that was bound, with the port that the kernel chose if `address` had port
  // 0.
  const std::string& address() const { return address_; }

  struct Limits {
    // The most connections at a time. Connections::Take describes how further ones are handled.
    std::size_t connections = 10'000;
    // The number of descriptors that the process may need for other purposes. The listener leaves
    // that many free, even if fewer remain for connections, but at most half of RLIMIT_NOFILE.
    std::size_t other_descriptors = 64;
    // The kernel closes a connection whose peer acknowledges or accepts no data for this long,
    // while there is data for it (TCP_USER_TIMEOUT).
    std::chrono::milliseconds unacknowledged{10'000};
  };

  struct Callbacks {
    // Takes a connection. It may throw std::bad_alloc.
    std::function<void(FileDescriptor connection)> on_connection;
    // Called when there is a connection too many, at most once a minute.
    std::function<void(std::string_view what)> on_surplus;
    // Called when descriptors or memory are short; until there are some again, connections wait in
    // the kernel's queue. Called once for each shortage.
    std::function<void(std::string_view what)> on_shortage;
  };

  // Starts to accept connections on a thread of its own, which calls the callbacks.
  void Start(const Limits& limits, Callbacks callbacks);

  // Stops accepting. Connections that have not been accepted are refused. Idempotent.
  void Close();

  // Returns the connections that were passed on and have not been closed.
  Connections& connections() { return connections_; }

 private:
  Listener() = default;

  void Run();
  void Accepted(FileDescriptor connection);
  void ReportSurplus();
  std::size_t Ceiling() const;
  // Returns false when the listener must close. `timeout` is in milliseconds.
  bool Wait(bool for_connections, int timeout) const;

  int socket_ = -1;
  // Becomes readable when the listener must close.
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

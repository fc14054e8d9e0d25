// Accepts callers' connections and passes them on to gRPC.
//
// gRPC has a listener of its own, but that one gives up for good the first time a connection cannot
// be accepted for lack of descriptors.
#ifndef SERVER_LISTENER_H_
#define SERVER_LISTENER_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "absl/status/statusor.h"

namespace docspace::gateway {

class Listener {
 public:
  // Binds host:port; `[::]` takes IPv4 too. A port that somebody else serves is an error, not
  // something to share: UNAVAILABLE.
  static absl::StatusOr<std::unique_ptr<Listener>> Bind(const std::string& address);
  ~Listener() { Close(); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // The port that was bound.
  int port() const { return port_; }

  struct Callbacks {
    // Owns the descriptor of the connection.
    std::function<void(int descriptor)> on_connection;
    // Descriptors or memory are lacking: connections wait in the kernel's queue until there are
    // some again. Told once until then.
    std::function<void(std::string_view what)> on_shortage;
  };

  // Takes connections from now on, on a thread of its own, which calls back.
  void Start(Callbacks callbacks);

  // Takes no connection any more; those not yet accepted are refused. Idempotent.
  void Close();

 private:
  Listener() = default;

  void Run() const;
  // False once the listener is to close. `timeout` in milliseconds; -1 for none.
  bool Wait(bool for_connections, int timeout) const;

  int socket_ = -1;
  // Readable once the listener is to close.
  int stop_ = -1;
  int port_ = 0;
  Callbacks callbacks_;
  std::thread thread_;
};

}  // namespace docspace::gateway

#endif  // SERVER_LISTENER_H_

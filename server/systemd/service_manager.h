// Tells systemd the state of the process, by the protocol of sd_notify(3).
//
// The protocol is written by hand, because libsystemd needs libgcrypt and three libraries of
// compression, in a process that handles credentials, for messages of one line. sd_notify(3)
// documents the protocol as stable, for programs that do not want that dependency.
#ifndef SERVER_SYSTEMD_SERVICE_MANAGER_H_
#define SERVER_SYSTEMD_SERVICE_MANAGER_H_

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/base/file_descriptor.h"

namespace docspace::gateway::systemd {

// ServiceManager sends messages to the service manager that started the process, if there is one.
// A message that cannot be sent within a second is lost, because nothing here can mend that.
// Thread-safe.
class ServiceManager {
 public:
  // Tells nobody anything.
  ServiceManager() = default;

  // Connects to the socket of NOTIFY_SOCKET: a path, or `@` and the name of an abstract socket.
  // `variable` returns the value of a variable of the environment, or null. Without NOTIFY_SOCKET
  // it returns an object that tells nobody anything. Returns INVALID_ARGUMENT if the address is of
  // another kind, UNAVAILABLE if nobody listens there.
  static absl::StatusOr<ServiceManager> FromEnvironment(
      const std::function<const char*(const char*)>& variable);

  // Returns the longest time that the service manager waits for IsAlive before it ends the process;
  // nothing if it does not wait for it.
  std::optional<std::chrono::microseconds> watchdog_timeout() const { return watchdog_timeout_; }

  // The process serves. `status` is a sentence for people, which ends at a line break.
  void IsReady(std::string_view status) const;
  // The process reads its files again. IsReady must follow.
  void IsReloading() const;
  // The process ends, within `limit`.
  void IsStopping(std::chrono::microseconds limit) const;
  // The process works.
  void IsAlive() const;

 private:
  ServiceManager(FileDescriptor socket, std::optional<std::chrono::microseconds> watchdog_timeout);

  void Send(const std::string& message) const;

  // Null if there is no service manager.
  std::shared_ptr<const FileDescriptor> socket_;
  std::optional<std::chrono::microseconds> watchdog_timeout_;
};

}  // namespace docspace::gateway::systemd

#endif  // SERVER_SYSTEMD_SERVICE_MANAGER_H_

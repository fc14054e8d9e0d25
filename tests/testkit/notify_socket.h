// The socket at which a service manager receives what its services tell it.
#ifndef TESTS_TESTKIT_NOTIFY_SOCKET_H_
#define TESTS_TESTKIT_NOTIFY_SOCKET_H_

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string>

#include "server/base/file_descriptor.h"
#include "tests/testkit/wait_until.h"

namespace docspace::gateway::testkit {

// `NotifySocket` receives datagrams at `address`, as NOTIFY_SOCKET states it: a path, or `@` and
// the name of an abstract socket.
class NotifySocket {
 public:
  explicit NotifySocket(const std::string& address)
      : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un name{.sun_family = AF_UNIX, .sun_path = {}};
    if (address.size() > sizeof(name.sun_path)) throw std::runtime_error(address + " is too long");
    std::memcpy(name.sun_path, address.data(), address.size());
    if (address.starts_with('@')) name.sun_path[0] = '\0';
    const timeval patience{.tv_sec = kPatience.count(), .tv_usec = 0};
    setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size());
    if (bind(socket_.get(), reinterpret_cast<const sockaddr*>(&name), length) != 0) {
      throw std::runtime_error("no socket at " + address);
    }
  }

  // Waits for a datagram and returns it; nothing after kPatience.
  std::optional<std::string> Receive() const { return Take(0); }
  // Returns a datagram that has arrived; nothing if there is none.
  std::optional<std::string> TakeArrived() const { return Take(MSG_DONTWAIT); }

 private:
  std::optional<std::string> Take(int flags) const {
    std::string datagram(4096, '\0');
    const ssize_t size = recv(socket_.get(), datagram.data(), datagram.size(), flags);
    if (size < 0) return std::nullopt;
    datagram.resize(static_cast<std::size_t>(size));
    return datagram;
  }

  FileDescriptor socket_;
};

}  // namespace docspace::gateway::testkit

#endif  // TESTS_TESTKIT_NOTIFY_SOCKET_H_

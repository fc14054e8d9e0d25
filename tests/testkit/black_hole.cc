#include "tests/testkit/black_hole.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>

namespace docspace::gateway::testkit {
namespace {

constexpr int kMostToFill = 16;
constexpr int kNoAnswerMs = 200;

}  // namespace

BlackHole::BlackHole() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;

  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockets_.push_back(listener);
  if (bind(listener, generic, size) != 0 || listen(listener, 0) != 0 ||
      getsockname(listener, generic, &size) != 0) {
    throw std::runtime_error("no listener on loopback");
  }
  port_ = ntohs(address.sin_port);

  // Loopback responds to a SYN at once or not at all, so the first connection that waits shows that
  // the backlog is full.
  for (int i = 0; i < kMostToFill; ++i) {
    const int filler = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    sockets_.push_back(filler);
    if (connect(filler, generic, size) != 0 && errno != EINPROGRESS) break;
    pollfd answered{.fd = filler, .events = POLLOUT, .revents = 0};
    if (poll(&answered, 1, kNoAnswerMs) == 0) return;
  }
  throw std::runtime_error("the backlog does not fill up");
}

BlackHole::~BlackHole() {
  for (const int socket : sockets_) close(socket);
}

}  // namespace docspace::gateway::testkit

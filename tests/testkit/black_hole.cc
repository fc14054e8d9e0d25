#include "tests/testkit/black_hole.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

#include "tests/testkit/wait_until.h"

namespace docspace::gateway::testkit {
namespace {

// Returns whether more connections wait to be accepted than the backlog allows, so that Linux drops
// further SYNs. Of a listener Linux reports the two numbers in these members.
bool IsFull(int listener) {
  tcp_info info{};
  socklen_t size = sizeof info;
  return getsockopt(listener, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
         info.tcpi_unacked > info.tcpi_sacked;
}

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

  // One connection exceeds a backlog of 0. It may be counted only after connect() returns.
  const int filler = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockets_.push_back(filler);
  if (connect(filler, generic, size) != 0 || !WaitUntil([listener] { return IsFull(listener); })) {
    throw std::runtime_error("the backlog does not fill up");
  }
}

BlackHole::~BlackHole() {
  for (const int socket : sockets_) close(socket);
}

}  // namespace docspace::gateway::testkit

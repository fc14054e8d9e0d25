#include "server/rpc/listener.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <new>
#include <utility>

#include "server/base/host_port.h"

namespace docspace::gateway {
namespace {

constexpr int kPauseMilliseconds = 100;
constexpr int kForgetMilliseconds = 1000;
// The kernel reserves twice as much, and half of that is for its own use. A connection that is cut
// still delivers the bytes in the buffer, so this limits how much memory gRPC needs for them.
constexpr int kReceiveBufferBytes = 64 * 1024;

struct FreeAddresses {
  void operator()(addrinfo* addresses) const { freeaddrinfo(addresses); }
};

// Returns -1, and sets errno, if it fails.
int Listen(const addrinfo& address) {
  const int listening =
      socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, address.ai_protocol);
  if (listening < 0) return -1;
  const auto set = [listening](int level, int option, int value) {
    setsockopt(listening, level, option, &value, sizeof value);
  };
  set(SOL_SOCKET, SO_REUSEADDR, 1);
  // Accepted sockets inherit these two options.
  set(IPPROTO_TCP, TCP_NODELAY, 1);
  set(SOL_SOCKET, SO_RCVBUF, kReceiveBufferBytes);
  if (address.ai_family == AF_INET6) set(IPPROTO_IPV6, IPV6_V6ONLY, 0);
  if (bind(listening, address.ai_addr, address.ai_addrlen) == 0 &&
      listen(listening, SOMAXCONN) == 0) {
    return listening;
  }
  const int error = errno;
  close(listening);
  errno = error;
  return -1;
}

int PortOf(int listening) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  getsockname(listening, reinterpret_cast<sockaddr*>(&address), &size);
  // IPv6 has the port in the same place.
  return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

// True if the machine has no IPv6: the kernel has none, or no address of it may be bound.
bool IsWithoutIpv6(int error) { return error == EAFNOSUPPORT || error == EADDRNOTAVAIL; }

bool IsShortage(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Listener>> Listener::Bind(const std::string& address) {
  const absl::StatusOr<HostPort> host_port = ParseHostPort(address);
  if (!host_port.ok()) return host_port.status();
  if (!host_port->port) return absl::InvalidArgumentError("has no port");
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int unknown = getaddrinfo(host_port->host.c_str(), std::to_string(*host_port->port).c_str(),
                                  &hints, &found);
  if (unknown != 0) return absl::UnavailableError(gai_strerror(unknown));
  const std::unique_ptr<addrinfo, FreeAddresses> addresses(found);

  std::unique_ptr<Listener> listener(new Listener());
  for (const addrinfo* each = found; each != nullptr && listener->socket_ < 0;
       each = each->ai_next) {
    listener->socket_ = Listen(*each);
  }
  if (listener->socket_ < 0) {
    if (IsWithoutIpv6(errno) && host_port->host == kAnyAddress) {
      return Bind(FormatHostPort(kAnyIpv4Address, host_port->port));
    }
    return absl::UnavailableError(std::strerror(errno));
  }
  listener->stop_ = eventfd(0, EFD_CLOEXEC);
  if (listener->stop_ < 0) return absl::UnavailableError(std::strerror(errno));
  listener->port_ = PortOf(listener->socket_);
  listener->address_ = FormatHostPort(host_port->host, static_cast<std::uint16_t>(listener->port_));
  return listener;
}

void Listener::Start(const Limits& limits, Callbacks callbacks) {
  limits_ = limits;
  callbacks_ = std::move(callbacks);
  connections_.SetLimits({.connections = std::min(limits.connections, Ceiling())});
  thread_ = std::thread([this] { Run(); });
}

void Listener::Run() {
  bool is_short = false;
  auto forgotten = std::chrono::steady_clock::now();
  while (Wait(/*for_connections=*/true, kForgetMilliseconds)) {
    const int connection = accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    bool lacks_resources = connection < 0 && IsShortage(errno);
    try {
      if (connection >= 0) {
        is_short = false;
        Accepted(FileDescriptor(connection));
      } else if (lacks_resources && !std::exchange(is_short, true)) {
        callbacks_.on_shortage(std::strerror(errno));
      }
    } catch (const std::bad_alloc&) {
      lacks_resources = true;
    }
    // Other connections may end meanwhile.
    if (lacks_resources) Wait(/*for_connections=*/false, kPauseMilliseconds);
    const auto now = std::chrono::steady_clock::now();
    if (now - forgotten >= std::chrono::milliseconds(kForgetMilliseconds)) {
      connections_.Forget();
      forgotten = now;
    }
  }
}

void Listener::Accepted(FileDescriptor connection) {
  const auto unacknowledged = static_cast<unsigned>(limits_.unacknowledged.count());
  setsockopt(connection.get(), IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged,
             sizeof unacknowledged);
  // The kernel gives the lowest free number, so this one shows how many are in use.
  const bool is_full = static_cast<std::size_t>(connection.get()) >= Ceiling();
  if (connections_.Take(connection.get(), is_full)) {
    callbacks_.on_connection(std::move(connection));
  } else {
    ReportSurplus();
  }
}

void Listener::ReportSurplus() {
  const auto now = std::chrono::steady_clock::now();
  if (now < surplus_told_until_) return;
  surplus_told_until_ = now + std::chrono::minutes(1);
  callbacks_.on_surplus("there are too many connections: further ones are closed");
}

std::size_t Listener::Ceiling() const {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur - std::min<std::size_t>(limits_.other_descriptors, limit.rlim_cur / 2);
}

bool Listener::Wait(bool for_connections, int timeout) const {
  std::array<pollfd, 2> waits = {{{.fd = stop_, .events = POLLIN, .revents = 0},
                                  {.fd = socket_, .events = POLLIN, .revents = 0}}};
  while (poll(waits.data(), for_connections ? 2 : 1, timeout) < 0 && errno == EINTR) {
  }
  return waits[0].revents == 0;
}

void Listener::Close() {
  if (thread_.joinable()) {
    eventfd_write(stop_, 1);
    thread_.join();
  }
  for (int* descriptor : {&socket_, &stop_}) {
    if (*descriptor >= 0) close(std::exchange(*descriptor, -1));
  }
}

}  // namespace docspace::gateway

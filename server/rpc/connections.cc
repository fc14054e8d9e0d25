#include "server/rpc/connections.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace docspace::gateway {
namespace {

// Returns the number of the descriptor's inode, or 0 if the descriptor is not open.
ino_t InodeOf(int descriptor) {
  struct stat status {};
  return fstat(descriptor, &status) == 0 ? status.st_ino : 0;
}

struct Peer {
  std::string name;
  std::string address;
};

Peer PeerAt(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  in_addr v4{};
  in_port_t port = 0;
  if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    port = ntohs(v6.sin6_port);
    if (!IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
      inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
      const std::string host = text.data();
      const std::string end = "%5D:" + std::to_string(port);
      if (v6.sin6_scope_id == 0) return {"ipv6:%5B" + host + end, host};
      // The same link-local address on another interface is another host.
      const std::string interface = std::to_string(v6.sin6_scope_id);
      return {"ipv6:%5B" + host + "%25" + interface + end, host + "%" + interface};
    }
    std::memcpy(&v4, &v6.sin6_addr.s6_addr[12], sizeof v4);
  } else {
    v4 = reinterpret_cast<const sockaddr_in&>(address).sin_addr;
    port = ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
  }
  inet_ntop(AF_INET, &v4, text.data(), text.size());
  return {"ipv4:" + std::string(text.data()) + ":" + std::to_string(port), text.data()};
}

Peer PeerOf(int descriptor) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (getpeername(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  return PeerAt(address);
}

}  // namespace

std::string PeerNameOf(int descriptor) { return PeerOf(descriptor).name; }

std::string PeerNameOf(const sockaddr_storage& address) { return PeerAt(address).name; }

Connection::Connection(int descriptor, std::string peer, std::string address)
    : descriptor_(descriptor),
      inode_(InodeOf(descriptor)),
      peer_(std::move(peer)),
      address_(std::move(address)) {}

void Connection::EndCall() {
  idle_since_ = Clock::now().time_since_epoch().count();
  --calls_;
}

bool Connection::IsOpen() const { return InodeOf(descriptor_) == inode_; }

template <class Use>
void Connection::With(Use use) const {
  // Another thread may close the descriptor after the check below and open another file with the
  // same number. A duplicate keeps its meaning.
  const int own = fcntl(descriptor_, F_DUPFD_CLOEXEC, 0);
  if (own < 0) return;
  if (InodeOf(own) == inode_) use(own);
  close(own);
}

void Connection::Cut() {
  is_cut_ = true;
  With([](int socket) { shutdown(socket, SHUT_RDWR); });
}

double Connection::Rate() const {
  // gRPC may close the socket much later, and further cuts must not wait for that.
  if (is_cut_) return 0;
  tcp_info info{};
  With([&info](int socket) {
    socklen_t size = sizeof info;
    getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size);
  });
  const std::chrono::duration<double> age = Clock::now() - accepted_;
  return static_cast<double>(info.tcpi_bytes_received) / std::max(age.count(), 1.0);
}

bool Connections::Take(int descriptor, bool is_full) {
  Peer peer = PeerOf(descriptor);
  if (is_full || size() >= limits_.connections) {
    Forget();
    if (is_full || size() >= limits_.connections) {
      const std::shared_ptr<Connection> victim = ToCutFor(peer.address);
      if (!victim) return false;
      victim->Cut();
      Remove(*victim);
    }
  }
  Add(std::make_shared<Connection>(descriptor, std::move(peer.name), std::move(peer.address)));
  return true;
}

void Connections::Add(std::shared_ptr<Connection> connection) {
  const auto place = static_cast<std::size_t>(connection->descriptor());
  if (open_.size() <= place) open_.resize(place + 1);
  // The previous socket with that descriptor has been closed.
  if (open_[place]) Remove(*open_[place]);
  ++of_address_[connection->address()];
  open_[place] = connection;
  const std::lock_guard lock(mutex_);
  by_peer_[connection->peer()] = std::move(connection);
}

void Connections::Remove(const Connection& connection) {
  const auto place = static_cast<std::size_t>(connection.descriptor());
  // This reference keeps the connection until the end of the function.
  const std::shared_ptr<Connection> removed = std::move(open_[place]);
  const auto count = of_address_.find(removed->address());
  if (--count->second == 0) of_address_.erase(count);
  const std::lock_guard lock(mutex_);
  const auto found = by_peer_.find(removed->peer());
  // Another connection may have come from the same port in the meantime.
  if (found != by_peer_.end() && found->second == removed) by_peer_.erase(found);
}

void Connections::Forget() {
  for (const std::shared_ptr<Connection>& connection : open_) {
    if (connection && !connection->IsOpen()) Remove(*connection);
  }
}

std::shared_ptr<Connection> Connections::ToCutFor(std::string_view newcomer) const {
  std::string_view greedy;
  const std::size_t half = size() / 2;
  for (const auto& [address, count] : of_address_) {
    if (address != newcomer && count > half) greedy = address;
  }
  const auto now = Connection::Clock::now();
  std::shared_ptr<Connection> idle;
  std::shared_ptr<Connection> idle_of_greedy;
  std::shared_ptr<Connection> of_greedy;
  const auto prefer = [](std::shared_ptr<Connection>& chosen,
                         const std::shared_ptr<Connection>& other) {
    if (!chosen || other->idle_since() < chosen->idle_since()) chosen = other;
  };
  for (const std::shared_ptr<Connection>& connection : open_) {
    if (!connection) continue;
    const bool is_idle = connection->calls() == 0;
    const bool is_greedy = connection->address() == greedy;
    if (is_idle && connection->idle_since() + limits_.spare <= now) prefer(idle, connection);
    if (is_idle && is_greedy) prefer(idle_of_greedy, connection);
    if (is_greedy) prefer(of_greedy, connection);
  }
  if (idle_of_greedy) return idle_of_greedy;
  return idle ? idle : of_greedy;
}

std::shared_ptr<Connection> Connections::Find(std::string_view peer) const {
  const std::string name(peer);
  const std::lock_guard lock(mutex_);
  const auto found = by_peer_.find(name);
  return found == by_peer_.end() ? nullptr : found->second;
}

void Connections::CutAll() const {
  for (const std::shared_ptr<Connection>& connection : All()) connection->Cut();
}

bool Connections::CutBusiest() const {
  std::shared_ptr<Connection> busiest;
  double rate = 0;
  for (const std::shared_ptr<Connection>& connection : All()) {
    const double own = connection->Rate();
    if (own > rate) {
      rate = own;
      busiest = connection;
    }
  }
  if (busiest) busiest->Cut();
  return busiest != nullptr;
}

std::vector<std::shared_ptr<Connection>> Connections::All() const {
  std::vector<std::shared_ptr<Connection>> all;
  const std::lock_guard lock(mutex_);
  all.reserve(by_peer_.size());
  for (const auto& [peer, connection] : by_peer_) all.push_back(connection);
  return all;
}

std::size_t Connections::size() const {
  const std::lock_guard lock(mutex_);
  return by_peer_.size();
}

}  // namespace docspace::gateway

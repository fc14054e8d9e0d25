// Callers' connections: their addresses, how many calls each carries, and a way to cut one.
//
// gRPC 1.51 owns an accepted connection. It neither reports when it closes one nor closes one on
// request. So this file identifies a connection by its descriptor together with the number of its
// inode, which no other socket has, and checks that number before every use of the descriptor.
#ifndef SERVER_RPC_CONNECTIONS_H_
#define SERVER_RPC_CONNECTIONS_H_

#include <sys/socket.h>
#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace docspace::gateway {

// Returns gRPC's name of the peer of an open socket, or of the peer with that address:
// `ipv4:127.0.0.1:4711`, also if the address is mapped into IPv6, `ipv6:%5B::1%5D:4711`, or
// `ipv6:%5Bfe80::1%252%5D:4711` for a link-local address on the interface with the number 2.
std::string PeerNameOf(int descriptor);
std::string PeerNameOf(const sockaddr_storage& address);

// One connection of a caller. Thread-safe.
class Connection {
 public:
  using Clock = std::chrono::steady_clock;

  // `descriptor` is an open socket, which this object does not own. `peer` has gRPC's form;
  // `address` is the same without the port.
  Connection(int descriptor, std::string peer, std::string address);

  int descriptor() const { return descriptor_; }
  const std::string& peer() const { return peer_; }
  const std::string& address() const { return address_; }

  // Counts a call, and returns how many calls the connection now carries.
  std::size_t BeginCall() { return ++calls_; }
  void EndCall();
  std::size_t calls() const { return calls_; }
  // Bytes held by its calls whose message has not arrived.
  void AddWaiting(std::size_t bytes) { waiting_bytes_ += bytes; }
  void RemoveWaiting(std::size_t bytes) { waiting_bytes_ -= bytes; }
  std::size_t waiting_bytes() const { return waiting_bytes_; }
  // Bytes held by its calls whose response the caller has not read.
  void AddUnwritten(std::size_t bytes) { unwritten_bytes_ += bytes; }
  void RemoveUnwritten(std::size_t bytes) { unwritten_bytes_ -= bytes; }
  std::size_t unwritten_bytes() const { return unwritten_bytes_; }
  // Returns when its last call ended, or when it was accepted. The value has no meaning while it
  // carries a call.
  Clock::time_point idle_since() const { return Clock::time_point(Clock::duration(idle_since_)); }

  // Returns the received bytes divided by its age in seconds; 0 after it has been cut or closed.
  double Rate() const;

  // Returns whether the socket is still open.
  bool IsOpen() const;
  // Ends the connection in both directions, if it has not been closed yet. To its owner this looks
  // as if the peer had closed it.
  void Cut();

 private:
  // Calls `use` with a duplicate of the descriptor, if the socket has not been closed yet.
  template <class Use>
  void With(Use use) const;

  const int descriptor_;
  const ino_t inode_;
  const std::string peer_;
  const std::string address_;
  const Clock::time_point accepted_ = Clock::now();
  std::atomic<bool> is_cut_{false};
  std::atomic<std::size_t> calls_{0};
  std::atomic<std::size_t> waiting_bytes_{0};
  std::atomic<std::size_t> unwritten_bytes_{0};
  std::atomic<Clock::rep> idle_since_{accepted_.time_since_epoch().count()};
};

// The connections of one listener. Thread-safe, except that only one thread may call Take and
// Forget.
class Connections {
 public:
  struct Limits {
    std::size_t connections = 10'000;
    // An idle connection that is older may be cut in favour of a new one.
    std::chrono::steady_clock::duration spare = std::chrono::minutes(1);
  };

  void SetLimits(const Limits& limits) { limits_ = limits; }

  // Registers a socket that was just accepted. If the limit is reached, or `is_full` says that
  // another limit is, this cuts one connection in favour of the new one: an idle one of an address
  // that has more than half of them, or the oldest that has been idle for `spare`, or else the
  // oldest of that address. An address cannot gain a connection by the first and the last of these.
  // Returns false if no connection can be cut; the caller then closes the socket.
  bool Take(int descriptor, bool is_full = false);

  // Forgets connections that have been closed.
  void Forget();

  // Returns the connection that gRPC calls `peer`, or null.
  std::shared_ptr<Connection> Find(std::string_view peer) const;

  // Cuts every connection.
  void CutAll() const;

  // Cuts the connection with the highest rate. Returns false if no connection has a rate above 0.
  bool CutBusiest() const;

  std::size_t size() const;

 private:
  using ByPeer = std::unordered_map<std::string, std::shared_ptr<Connection>>;

  std::vector<std::shared_ptr<Connection>> All() const;
  void Add(std::shared_ptr<Connection> connection);
  void Remove(const Connection& connection);
  std::shared_ptr<Connection> ToCutFor(std::string_view newcomer) const;

  Limits limits_;
  // The index is the descriptor. The kernel always gives the lowest free one, so the vector stays
  // short.
  std::vector<std::shared_ptr<Connection>> open_;
  std::unordered_map<std::string, std::size_t> of_address_;
  mutable std::mutex mutex_;
  ByPeer by_peer_;
};

}  // namespace docspace::gateway

#endif  // SERVER_RPC_CONNECTIONS_H_

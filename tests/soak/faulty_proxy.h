// A proxy on loopback that injects faults into a share of the exchanges, like a bad network between
// the gateway and a portal.
#ifndef TESTS_SOAK_FAULTY_PROXY_H_
#define TESTS_SOAK_FAULTY_PROXY_H_

#include <array>
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_set>

namespace docspace::gateway::testkit {

enum class ProxyFault : std::uint8_t {
  // The connection is reset as soon as it is accepted.
  kResetOnAccept,
  // The request arrives at the proxy but is not forwarded.
  kResetBeforePortal,
  kCloseBeforePortal,
  // The portal has responded, but no byte of the response is forwarded.
  kResetAfterPortal,
  kCloseAfterPortal,
  // A part of the response is forwarded.
  kResetInAnswer,
  kCloseInAnswer,
  // Nothing of the response is forwarded, and the connection stays open.
  kStall,
  kDelay,
  kOctetByOctet,
  // Bytes that are not HTTP precede the response.
  kGarbage,
  // The response to another caller follows immediately.
  kSecondAnswer,
};
inline constexpr std::size_t kProxyFaults = 12;

// Returns the fault's name, such as "reset on accept".
std::string_view ToString(ProxyFault fault);

// The name of the key in a second response; no caller has a key with this name.
inline constexpr std::string_view kForeignName = "Somebody else's";

// `FaultyProxy` forwards between the gateway and a portal. Its counters may be read on any thread.
class FaultyProxy {
 public:
  // Forwards to `portal_port` on loopback. `share` (0 to 1) of the exchanges get a fault. All kinds
  // are equally likely, except that stalls are rarer.
  FaultyProxy(std::uint16_t portal_port, double share, unsigned seed);
  // Closes all connections.
  ~FaultyProxy();
  FaultyProxy(const FaultyProxy&) = delete;
  FaultyProxy& operator=(const FaultyProxy&) = delete;

  std::string url() const;
  std::uint64_t count(ProxyFault fault) const {
    return counts_.at(static_cast<std::size_t>(fault));
  }
  std::uint64_t faults() const;
  // Returns the number of writes with the request id of an earlier write, which means that the
  // gateway sent the same call twice.
  std::uint64_t repeated_writes() const { return repeated_writes_; }

 private:
  using Socket = boost::asio::ip::tcp::socket;
  template <class T>
  using Task = boost::asio::awaitable<T>;

  Task<void> Accept();
  Task<void> Serve(Socket caller);
  // Forwards the part of the response that the fault leaves. Returns false if the connection is
  // over.
  Task<bool> Harm(ProxyFault fault, Socket& caller, std::string answer);
  bool Draw();
  ProxyFault DrawFault();
  void Note(std::string_view request);
  void Count(ProxyFault fault) { ++counts_.at(static_cast<std::size_t>(fault)); }

  const std::uint16_t portal_port_;
  const double share_;
  std::mt19937 random_;
  std::array<std::atomic<std::uint64_t>, kProxyFaults> counts_{};
  std::atomic<std::uint64_t> repeated_writes_{0};
  // Hashes of the request ids of writes.
  std::unordered_set<std::size_t> writes_;
  boost::asio::io_context loop_{1};
  boost::asio::ip::tcp::acceptor acceptor_;
  std::thread thread_;
};

}  // namespace docspace::gateway::testkit

#endif  // TESTS_SOAK_FAULTY_PROXY_H_

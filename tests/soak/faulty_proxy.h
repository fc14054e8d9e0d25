// A proxy on loopback that harms a share of what passes through it: the network between the gateway
// and a portal on a bad day.
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
  // The request came, and goes no further.
  kResetBeforePortal,
  kCloseBeforePortal,
  // The portal has answered, and not an octet of it is passed on.
  kResetAfterPortal,
  kCloseAfterPortal,
  // Some of the answer is passed on.
  kResetInAnswer,
  kCloseInAnswer,
  // None of it is, and the connection stays open.
  kStall,
  kDelay,
  kOctetByOctet,
  // Octets that are no HTTP come before the answer.
  kGarbage,
  // The answer of somebody else comes right behind it.
  kSecondAnswer,
};
inline constexpr std::size_t kProxyFaults = 12;

// "reset on accept"
std::string_view ToString(ProxyFault fault);

// What the key of a second answer is named: nobody's.
inline constexpr std::string_view kForeignName = "Somebody else's";

class FaultyProxy {
 public:
  // Passes on to `portal_port` of loopback. `share` of the exchanges are harmed, from 0 to 1, each
  // kind of fault alike, but few stall.
  FaultyProxy(std::uint16_t portal_port, double share, unsigned seed);
  // Closes every connection.
  ~FaultyProxy();
  FaultyProxy(const FaultyProxy&) = delete;
  FaultyProxy& operator=(const FaultyProxy&) = delete;

  std::string url() const;
  std::uint64_t count(ProxyFault fault) const {
    return counts_.at(static_cast<std::size_t>(fault));
  }
  std::uint64_t faults() const;
  // Writes that came with the request id of an earlier one: the same call, sent twice.
  std::uint64_t repeated_writes() const { return repeated_writes_; }

 private:
  using Socket = boost::asio::ip::tcp::socket;
  template <class T>
  using Task = boost::asio::awaitable<T>;

  Task<void> Accept();
  Task<void> Serve(Socket caller);
  // Passes on what the fault leaves of the answer; false where the connection is over.
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

// Addresses on loopback, as a resolver gives them.
#ifndef TESTS_TESTKIT_LOOPBACK_H_
#define TESTS_TESTKIT_LOOPBACK_H_

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>

#include "server/http/caching_resolver.h"

namespace docspace::gateway::testkit {

inline http::Addresses At(std::initializer_list<std::uint16_t> ports) {
  http::Addresses addresses;
  for (const std::uint16_t port : ports) {
    addresses.emplace_back(boost::asio::ip::address_v4::loopback(), port);
  }
  return addresses;
}

// Returns a port on which nothing listens. The kernel chooses no port as low as this for a test
// that runs at the same time.
constexpr std::uint16_t DeadPort() { return 1; }

// Returns a resolver that resolves every name to these addresses.
inline http::Resolve ResolveTo(http::Addresses addresses) {
  return
      [addresses = std::move(addresses)](std::string, std::uint16_t) -> http::Task<http::Resolved> {
        co_return std::tuple(boost::system::error_code(), addresses);
      };
}

}  // namespace docspace::gateway::testkit

#endif  // TESTS_TESTKIT_LOOPBACK_H_

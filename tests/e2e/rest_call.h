// The REST call that an RPC stands for, made without the gateway.
#ifndef TESTS_E2E_REST_CALL_H_
#define TESTS_E2E_REST_CALL_H_

#include <cstdint>
#include <string>

namespace docspace::gateway::testkit {

struct RestCall {
  std::string method = "GET";
  std::string target;
  // The value of the Host header.
  std::string host;
  std::string authorization;
  // JSON; empty: none.
  std::string body{};
};

// The body of the answer of the portal on that port of loopback. Throws
// boost::system::system_error.
std::string Send(const RestCall& call, std::uint16_t port);

}  // namespace docspace::gateway::testkit

#endif  // TESTS_E2E_REST_CALL_H_

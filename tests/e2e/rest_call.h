// A REST call to the portal, made without the gateway.
#ifndef TESTS_E2E_REST_CALL_H_
#define TESTS_E2E_REST_CALL_H_

#include <cstdint>
#include <string>

namespace docspace::gateway::testkit {

// `RestCall` is the REST request to which an RPC corresponds.
struct RestCall {
  std::string method = "GET";
  std::string target;
  // The value of the Host header.
  std::string host;
  std::string authorization;
  // The JSON body; no body is sent if it is empty.
  std::string body{};
};

// Sends `call` to the portal on that port of loopback and returns the body of the response. Throws
// boost::system::system_error.
std::string Send(const RestCall& call, std::uint16_t port);

}  // namespace docspace::gateway::testkit

#endif  // TESTS_E2E_REST_CALL_H_

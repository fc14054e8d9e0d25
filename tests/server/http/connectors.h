// Connectors to ports on loopback, for the tests of the classes that use one.
#ifndef TESTS_SERVER_HTTP_CONNECTORS_H_
#define TESTS_SERVER_HTTP_CONNECTORS_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "server/http/caching_resolver.h"
#include "server/http/connector.h"
#include "server/http/tls.h"
#include "tests/testkit/loopback.h"

namespace docspace::gateway::http {

using gateway::testkit::At;
using gateway::testkit::DeadPort;
using gateway::testkit::ResolveTo;

inline std::unique_ptr<Connector> ConnectorBy(asio::io_context& loop, Resolve resolve,
                                              const ConnectOptions& options = {},
                                              std::unique_ptr<TlsClient> tls = nullptr) {
  return std::make_unique<Connector>(
      loop,
      std::make_unique<CachingResolver>(loop, "portal.example", std::uint16_t{80},
                                        std::chrono::hours(1), std::move(resolve)),
      std::move(tls), options);
}

inline std::unique_ptr<Connector> ConnectorTo(asio::io_context& loop, Addresses addresses,
                                              const ConnectOptions& options = {},
                                              std::unique_ptr<TlsClient> tls = nullptr) {
  return ConnectorBy(loop, ResolveTo(std::move(addresses)), options, std::move(tls));
}

// Returns a TLS client that trusts the authority in `ca_file`, or the system's authorities if
// `ca_file` is empty.
inline std::unique_ptr<TlsClient> TlsTrusting(const std::string& ca_file,
                                              const std::string& host = "localhost") {
  CertificateFiles files;
  files.ca_file = ca_file;
  const auto certificates = std::make_shared<const Certificates>(Certificates::Read(files).value());
  return std::make_unique<TlsClient>(host, [certificates] { return certificates; });
}

}  // namespace docspace::gateway::http

#endif  // TESTS_SERVER_HTTP_CONNECTORS_H_

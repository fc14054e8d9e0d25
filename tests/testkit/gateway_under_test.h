// A gateway in the test's own process, on a port of loopback, and all lines that it logs.
#ifndef TESTS_TESTKIT_GATEWAY_UNDER_TEST_H_
#define TESTS_TESTKIT_GATEWAY_UNDER_TEST_H_

#include <grpcpp/channel.h>
#include <grpcpp/support/channel_arguments.h>

#include <boost/json.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/config/config.h"
#include "server/gateway.h"
#include "server/http/caching_resolver.h"

namespace docspace::gateway::testkit {

// `KeptLog` holds a logger and the lines written to it. Thread-safe.
class KeptLog {
 public:
  KeptLog();

  const std::shared_ptr<spdlog::logger>& logger() const { return logger_; }
  std::vector<std::string> Lines() const;
  // Returns the lines that report an RPC, parsed.
  std::vector<boost::json::object> RpcLines() const;
  // Waits until a line contains `text`. Returns false after half a minute.
  bool WaitFor(std::string_view text) const;

 private:
  class Sink;

  std::shared_ptr<Sink> sink_;
  std::shared_ptr<spdlog::logger> logger_;
};

// Returns the settings of a gateway that serves on 127.0.0.1, on a port that the kernel chooses,
// with two event loops and no drain delay.
Config TestConfig(const std::string& portal_url);

// `GatewayUnderTest` runs a gateway and keeps its log.
class GatewayUnderTest {
 public:
  // Starts the gateway. Throws std::runtime_error if that fails.
  explicit GatewayUnderTest(const Config& config,
                            const http::Resolve& resolve = http::SystemResolve);
  GatewayUnderTest(const Config& config, Gateway::Surroundings surroundings);

  Gateway& gateway() { return *gateway_; }
  const KeptLog& log() const { return log_; }
  // Returns a channel that shares no connection with another channel.
  std::shared_ptr<grpc::Channel> NewChannel(const grpc::ChannelArguments& arguments = {}) const;
  // Ends calls in flight at once. When it returns, the log contains their lines.
  void Stop() { gateway_.reset(); }

 private:
  KeptLog log_;
  std::unique_ptr<Gateway> gateway_;
};

}  // namespace docspace::gateway::testkit

#endif  // TESTS_TESTKIT_GATEWAY_UNDER_TEST_H_

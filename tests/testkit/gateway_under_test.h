// The gateway in this process, on a port of loopback, with every line that it logs.
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

// A logger that keeps its lines. Thread-safe.
class KeptLog {
 public:
  KeptLog();

  const std::shared_ptr<spdlog::logger>& logger() const { return logger_; }
  std::vector<std::string> Lines() const;
  // The lines of one RPC each, parsed.
  std::vector<boost::json::object> RpcLines() const;
  // Until a line holds `text`; false where that takes half a minute.
  bool WaitFor(std::string_view text) const;

 private:
  class Sink;

  std::shared_ptr<Sink> sink_;
  std::shared_ptr<spdlog::logger> logger_;
};

// Serves on 127.0.0.1, on a port that the kernel chose, with two event loops and no drain delay.
Config TestConfig(const std::string& portal_url);

class GatewayUnderTest {
 public:
  // Throws std::runtime_error where the gateway does not start.
  explicit GatewayUnderTest(const Config& config,
                            const http::Resolve& resolve = http::SystemResolve);
  GatewayUnderTest(const Config& config, Gateway::Surroundings surroundings);

  Gateway& gateway() { return *gateway_; }
  const KeptLog& log() const { return log_; }
  // A channel with connections of its own.
  std::shared_ptr<grpc::Channel> NewChannel(const grpc::ChannelArguments& arguments = {}) const;
  // Ends calls in flight at once. What they log is in the log when it returns.
  void Stop() { gateway_.reset(); }

 private:
  KeptLog log_;
  std::unique_ptr<Gateway> gateway_;
};

}  // namespace docspace::gateway::testkit

#endif  // TESTS_TESTKIT_GATEWAY_UNDER_TEST_H_

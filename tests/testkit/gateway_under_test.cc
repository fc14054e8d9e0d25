#include "tests/testkit/gateway_under_test.h"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <limits>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "server/http/origin.h"
#include "server/log/json_log.h"
#include "tests/testkit/channel.h"

namespace docspace::gateway::testkit {

class KeptLog::Sink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  std::vector<std::string> Lines() const {
    const std::lock_guard lock(lines_mutex_);
    return lines_;
  }

  bool WaitFor(std::string_view text) const {
    std::unique_lock lock(lines_mutex_);
    return added_.wait_for(lock, std::chrono::seconds(30), [&] {
      return std::any_of(lines_.begin(), lines_.end(), [&](const std::string& line) {
        return line.find(text) != std::string::npos;
      });
    });
  }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    const std::lock_guard lock(lines_mutex_);
    lines_.emplace_back(line.data(), line.size() - 1);  // Without the line end.
    added_.notify_all();
  }
  void flush_() override {}

  mutable std::mutex lines_mutex_;
  mutable std::condition_variable added_;
  std::vector<std::string> lines_;
};

KeptLog::KeptLog()
    : sink_(std::make_shared<Sink>()), logger_(std::make_shared<spdlog::logger>("test", sink_)) {
  logger_->set_formatter(JsonFormatter());
}

std::vector<std::string> KeptLog::Lines() const { return sink_->Lines(); }

std::vector<boost::json::object> KeptLog::RpcLines() const {
  std::vector<boost::json::object> lines;
  for (const std::string& line : Lines()) {
    boost::json::object object = boost::json::parse(line).as_object();
    if (object.at("event") == "rpc") lines.push_back(std::move(object));
  }
  return lines;
}

bool KeptLog::WaitFor(std::string_view text) const { return sink_->WaitFor(text); }

Config TestConfig(const std::string& portal_url) {
  Config config;
  config.portal.origin = http::ParseOrigin(portal_url).value();
  config.listen.address = "127.0.0.1:0";
  config.threads = 2;
  config.drain.delay = {};
  // Otherwise the gateway would connect before the first call does.
  config.listen.readiness_needs_portal = false;
  // The gateway's memory guard would count the memory of the test too.
  config.limits.guards_memory = false;
  // No line may be suppressed, because tests count lines.
  config.log.max_repeated_warnings = std::numeric_limits<std::size_t>::max();
  return config;
}

GatewayUnderTest::GatewayUnderTest(const Config& config, const http::Resolve& resolve)
    : GatewayUnderTest(config, Gateway::Surroundings{.resolve = resolve}) {}

GatewayUnderTest::GatewayUnderTest(const Config& config, Gateway::Surroundings surroundings) {
  auto gateway = Gateway::Start(config, log_.logger(), std::move(surroundings));
  if (!gateway.ok()) throw std::runtime_error(std::string(gateway.status().message()));
  gateway_ = *std::move(gateway);
}

std::shared_ptr<grpc::Channel> GatewayUnderTest::NewChannel(
    const grpc::ChannelArguments& arguments) const {
  return NewChannelTo(gateway_->address(), arguments);
}

}  // namespace docspace::gateway::testkit
